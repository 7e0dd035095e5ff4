"""Whatever is asked, whether it fits the interface's own description or not: the answer is as it says, never a 5xx."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.running_shop import Shop

# A few of each: what a body's types refuse is checked one by one elsewhere; here it is the edges that count.
EXAMPLES = {GenerationMode.POSITIVE: 6, GenerationMode.NEGATIVE: 3}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def wrong_answers(shop: Shop, operation: "APIOperation[Any, Any, Any, Any]", mode: GenerationMode) -> Iterator[str]:
    """What does not fit the description of one call, asked as the host with what fits it, or with what does not."""
    described = set(operation.definition.raw["responses"])
    undescribed: set[int] = set()
    taken: list[str] = []

    @settings(
        max_examples=EXAMPLES[mode], derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: "Case[Any]") -> None:
        answer = case.call(base_url=shop.url, headers={"Authorization": f"Bearer {shop.token}"}, timeout=20)
        # Another method is one more request, and no worse for a bad body.
        more = [unsupported_method] if mode is GenerationMode.POSITIVE else []
        case.validate_response(answer, checks=[*CHECKS, *more])
        # The description has a default for problems, so what succeeds has to be named.
        if answer.status_code < 400 and str(answer.status_code) not in described:
            undescribed.add(answer.status_code)
        body = case.meta.components.get(ParameterLocation.BODY) if case.meta else None
        if answer.status_code < 400 and body and body.mode is GenerationMode.NEGATIVE:
            taken.append(f"{case.body!r} is taken")

    try:
        ask()
    except FailureGroup as group:
        yield from (f"{operation.label}: {failure}" for failure in group.exceptions)
    except Unsatisfiable:
        # Whatever one asks of a call without a body and a query fits.
        assert mode is GenerationMode.NEGATIVE and not operation.body
    yield from (f"{operation.label}: {status} is not described" for status in undescribed)
    yield from (f"{operation.label}: {wrong}" for wrong in taken)


@pytest.mark.parametrize("mode", list(EXAMPLES))
def test_every_call_answers_as_its_description_says(shop: Shop, mode: GenerationMode) -> None:
    described = {
        f"{method.upper()} {path}" for path, calls in shop.get("/api/openapi.json")["paths"].items() for method in calls
    }
    schema = schemathesis.openapi.from_url(f"{shop.url}/api/openapi.json")
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    # Its own description is what the tool was given.
    assert {operation.label for operation in operations} == described - {"GET /api/openapi.json"}
    wrong = [problem for operation in operations for problem in wrong_answers(shop, operation, mode)]
    assert wrong == [], "\n\n".join(wrong)
    assert "Traceback" not in shop.log, shop.log[-3000:]


@pytest.mark.parametrize("path", ["/api/orders", "/api/outbox", "/api/webhooks", "/api/products"])
@pytest.mark.parametrize(
    "value", ["", "0", "-1", "9" * 400, "1.5", "x", "%00", "%ff", "1.", ".a", "null", "'", "%F0%9F%91%97"]
)
def test_no_query_breaks_a_list(shop: Shop, path: str, value: str) -> None:
    for name in ("limit", "before", "state", "q", "lang"):
        status, _ = shop.call("GET", f"{path}?{name}={value}")
        assert status in (200, 400, 422), (path, name, value, status)
