"""Whether a form knows the organisations that a survey names."""

from takuso.survey.archive.words import Words
from takuso.survey.checks import refuse_organisation
from takuso.survey.definition import Survey, ViewerAffiliation
from takuso.survey.source import Source


def check_organisations(survey: Survey, source: Source, words: Words) -> None:
    """Raise UnknownOrganisation, or SourceFault where meta.json names it, if a step's organisation is nowhere."""
    viewers = set(words.organisations)
    holders = viewers | set(words.holders)
    for number, step, named in survey.organisations():
        known = viewers if isinstance(step, ViewerAffiliation) else holders
        if source.meta.organisation(named) not in known:
            refuse_organisation(source, number, step, named)
