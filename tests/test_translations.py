"""Every sentence of the portal is there in Dutch and in English."""

import pytest
from babel.messages.catalog import Catalog

from tests import sentences
from tools import messages

ROOT = messages.ROOT
TEMPLATES = sorted((ROOT / "portal" / "templates").rglob("*"))
MODULES = sorted((ROOT / "portal").rglob("*.py"))


@pytest.fixture(scope="module")
def source() -> Catalog:
    found, broken = messages.extracted_messages()
    assert broken == []
    return found


@pytest.mark.parametrize("language", messages.LANGUAGES)
class TestCatalog:
    def test_it_has_every_sentence_of_the_source_and_no_other(self, source: Catalog, language: str) -> None:
        catalog = messages.read_catalog(language)
        assert {messages.key(m): m.id for m in catalog if m.id} == {
            messages.key(m): m.id for m in source if m.id
        }, "run: make messages"

    def test_it_translates_every_sentence(self, language: str) -> None:
        assert list(messages.untranslated(messages.read_catalog(language))) == []

    def test_its_translations_have_the_slots_of_the_source(self, language: str) -> None:
        problems = {
            messages.key(message): problem
            for message in messages.read_catalog(language)
            if message.id
            and all(messages.strings(message))
            and (problem := messages.slot_problem(messages.ids(message), messages.strings(message)))
        }
        assert problems == {}

    def test_it_is_written_as_the_tool_writes_it(self, source: Catalog, language: str) -> None:
        before = messages.catalog_path(language).read_bytes()
        merged = messages.merged(source, messages.read_catalog(language), language)
        assert messages.catalog_text(language, merged) == before, "run: make messages"


def test_no_template_has_text_outside_a_translation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in TEMPLATES
        if path.suffix in {".html", ".txt"}
        for line, text in sentences.untranslated_in_template(path.read_text(), html=path.suffix == ".html")
    ]
    assert not found, "\n".join(found)


def test_no_message_in_the_code_is_outside_a_translation() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in MODULES
        for line, text in sentences.untranslated_in_python(path.read_text())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "source",
    [
        "<p>Ziek melden</p>",
        '<p class="{{ kind }}">Beste {{ name }}</p>',
        '<img alt="Foto van de klas">',
        '<input type="submit" value="Versturen">',
        '{{ field(label="Eerste dag") }}',
        "{% if late %}Bel ons{% endif %}",
        "{{ 'Ziek' if sick }}",
        "{{ empty('nobody is absent today.') }}",
    ],
)
def test_the_search_finds_bare_text_in_a_template(source: str) -> None:
    assert list(sentences.untranslated_in_template(source))


@pytest.mark.parametrize(
    "source",
    [
        '<p class="card big">{{ _("Report sick") }}</p>',
        "{% trans name=name %}Dear {{ name }}, welcome{% endtrans %}",
        '<a href="{{ url_for(\'absence.show_report\') }}" data-hx-get="/x">→ 12 &nbsp;·</a>',
        "{# Why this stands here #}<title>{{ _('Log in') }} · Ouderportaal</title>",
        "<p lang=\"nl\">Nederlands</p>{{ macro(kind='primary', id='first-day') }}",
        "{% block page_class %}bare paper{% endblock %}",
        "{{ 'btn quiet small' if field.type == 'RadioField' and request.method != 'GET' }}",
    ],
)
def test_the_search_leaves_translated_text_alone(source: str) -> None:
    assert list(sentences.untranslated_in_template(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        'flash("Saved.", "good")',
        'raise Refused(f"{name} is already absent")',
        'note = StringField("Note", [Length(max=5, message=_("Too long"))])',
        'note = StringField(_("Note"), [Length(max=5, message="Too long")])',
    ],
)
def test_the_search_finds_bare_sentences_in_code(source: str) -> None:
    assert list(sentences.untranslated_in_python(source))


def test_the_search_leaves_translated_sentences_alone() -> None:
    source = 'flash(_("Saved."), "good"); raise Refused(_("No") if late else ngettext("a", "b", n))'
    assert list(sentences.untranslated_in_python(source)) == []


@pytest.mark.parametrize(
    ("original", "translation"),
    [
        (("Dear %(name)s",), ("Beste %(naam)s",)),
        (("Dear %(name)s",), ("Beste ouder",)),
        (("%(num)s child", "%(num)s children"), ("een kind", "kinderen")),
        (("%(num)s %% of %(all)s",), ("%(num)s % van %(all)s",)),
    ],
)
def test_a_translation_with_other_slots_is_found(
    original: tuple[str, ...], translation: tuple[str, ...]
) -> None:
    assert messages.slot_problem(original, translation)
