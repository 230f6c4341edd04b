"""Templates: read from Meta's JSON or a file, filled for a person, checked before they cost anything."""

from gateway.core.template.accept import accept
from gateway.core.template.authoring import from_file
from gateway.core.template.definition import (
    STOP_PAYLOAD,
    Button,
    ButtonKind,
    Card,
    Category,
    Header,
    HeaderFormat,
    Offer,
    ParameterFormat,
    Template,
    TemplateStatus,
    Text,
)
from gateway.core.template.differences import Difference, differences
from gateway.core.template.fill import Filled, FilledCard, fill
from gateway.core.template.findings import Finding, Severity
from gateway.core.template.holes import HoleKind, Placeholder, placeholders
from gateway.core.template.lint import LintSettings, lint, twins
from gateway.core.template.media import MediaProblem, checked_media
from gateway.core.template.meta import TemplateProblem, as_meta, from_meta
from gateway.core.template.preview import preview_text
from gateway.core.template.preview_html import preview_html
from gateway.core.template.preview_svg import preview_svg
from gateway.core.template.problems import FillProblem, FillReason
from gateway.core.template.refused_by_meta import refused_by_meta
from gateway.core.template.stand_ins import silent_stand_ins, stand_ins
from gateway.core.template.stopping import is_stop_button, is_stop_label, shows_a_way_to_stop
from gateway.core.template.values import FlowStart, Location, Media, Money, Product, Section, Sections, Value
from gateway.core.template.writing import as_file

__all__ = [
    "STOP_PAYLOAD",
    "Button",
    "ButtonKind",
    "Card",
    "Category",
    "Difference",
    "FillProblem",
    "FillReason",
    "Filled",
    "FilledCard",
    "Finding",
    "FlowStart",
    "Header",
    "HeaderFormat",
    "HoleKind",
    "LintSettings",
    "Location",
    "Media",
    "MediaProblem",
    "Money",
    "Offer",
    "ParameterFormat",
    "Placeholder",
    "Product",
    "Section",
    "Sections",
    "Severity",
    "Template",
    "TemplateProblem",
    "TemplateStatus",
    "Text",
    "Value",
    "accept",
    "as_file",
    "as_meta",
    "checked_media",
    "differences",
    "fill",
    "from_file",
    "from_meta",
    "is_stop_button",
    "is_stop_label",
    "lint",
    "placeholders",
    "preview_html",
    "preview_svg",
    "preview_text",
    "refused_by_meta",
    "shows_a_way_to_stop",
    "silent_stand_ins",
    "stand_ins",
    "twins",
]
