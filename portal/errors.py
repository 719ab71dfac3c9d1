"""What a school rule says when it says no."""


class Refused(Exception):
    """A change that a school rule does not allow, with the sentence the person reads.

    `field` names the form field it is about, when there is one: the view then shows the sentence there
    with everything typed still in place. Uncaught it becomes a page (status 409) and the whole request
    is rolled back.
    """

    def __init__(self, sentence: str, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
