"""By what engineers are proposed: versions with the day from which they count. One stream for the company.

A visit's proposal follows the version in force on the day of the visit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from shared.calendar import day_of
from shared.decider import Command, DeadlineChange, Refused
from shared.events.dispatch import ProposalPolicyAdopted, ProposalTerms
from shared.facts import repeats, tell
from shared.text import Text

STREAM = "proposal_policy"


class AdoptProposalPolicy(Command):
    """What isn't said is as shipped."""

    valid_from: date
    terms: ProposalTerms
    reason: Text


@dataclass(frozen=True, slots=True)
class ProposalPolicy:
    versions: tuple[ProposalPolicyAdopted, ...] = ()

    def at(self, moment: datetime) -> ProposalTerms:
        """Of the versions that count on that day, the one adopted last."""
        day = day_of(moment)
        holding = [version for version in self.versions if version.valid_from <= day]
        return holding[-1].terms if holding else ProposalTerms()


NEW = ProposalPolicy()


def evolve(policy: ProposalPolicy, event: ProposalPolicyAdopted) -> ProposalPolicy:
    return ProposalPolicy((*policy.versions, event))


def deadlines(event: ProposalPolicyAdopted) -> Sequence[DeadlineChange]:
    """None."""
    return []


def decide(command: AdoptProposalPolicy, policy: ProposalPolicy) -> Sequence[ProposalPolicyAdopted]:
    """A new version; what was proposed before stays as it was. Raises ``Refused``."""
    if repeats(command, policy.versions[-1] if policy.versions else None):
        return []
    if command.valid_from < day_of(command.at):
        raise Refused("policy_reaches_back", "规则不得追溯生效。", "A policy can't count from a day in the past.")
    terms = command.terms
    if not (terms.distance_points + terms.load_points + terms.margin_points + terms.region_points):
        raise Refused("policy_without_points", "至少要有一项计分。", "Something has to count.")
    return [tell(ProposalPolicyAdopted, command, version=len(policy.versions) + 1, adopted_by=command.by)]
