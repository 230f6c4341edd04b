"""Campaigns: the file a person writes, the frozen plan it becomes, and the states of its life."""

from gateway.core.campaign.fitting import fitting_problems, purpose_of
from gateway.core.campaign.house import HouseRules, house_rules
from gateway.core.campaign.media import UsedMedia, media_in, with_uploads
from gateway.core.campaign.parameters import Happened, Parameter, Piece, events_in, parameter_values, person_fields
from gateway.core.campaign.parse import parse_campaign, restored
from gateway.core.campaign.plan import (
    CampaignPlan,
    Lateness,
    LateStart,
    Link,
    OnUnsure,
    choose_language,
    edition,
    first_start,
    late_verdict,
    scheduled,
)
from gateway.core.campaign.problems import CampaignProblem
from gateway.core.campaign.states import (
    ENDED,
    MOVES,
    CampaignState,
    can_move,
    may_come_from,
    state_diagram,
)

__all__ = [
    "ENDED",
    "MOVES",
    "CampaignPlan",
    "CampaignProblem",
    "CampaignState",
    "Happened",
    "HouseRules",
    "LateStart",
    "Lateness",
    "Link",
    "OnUnsure",
    "Parameter",
    "Piece",
    "UsedMedia",
    "can_move",
    "choose_language",
    "edition",
    "events_in",
    "first_start",
    "fitting_problems",
    "house_rules",
    "late_verdict",
    "may_come_from",
    "media_in",
    "parameter_values",
    "parse_campaign",
    "person_fields",
    "purpose_of",
    "restored",
    "scheduled",
    "state_diagram",
    "with_uploads",
]
