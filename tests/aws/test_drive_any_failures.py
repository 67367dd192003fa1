"""Whatever fails, and in whatever order: in the end landing is equal to Drive, or a line says why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_services import answer, before
from drive_bench import MIB, Clock, DriveBench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medallion.errors import MedallionError

if TYPE_CHECKING:
    from aws_services import AwsServices
    from drive_api import DriveApi

INVOCATIONS = 3
SIZES = (0, 1000, 1000, 9 * MIB)
drive_faults = st.tuples(
    st.sampled_from(["list", "get", "media"]), st.sampled_from([403, 429, 503, 404, -1, -2]), st.integers(1, 9)
)
s3_faults = st.tuples(
    st.sampled_from(
        ["HeadObject", "PutObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload"]
    ),
    st.sampled_from(["SlowDown", "AccessDenied", "out of time"]),
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    faults=st.lists(drive_faults, max_size=3),
    of_s3=st.lists(st.none() | s3_faults, min_size=INVOCATIONS, max_size=INVOCATIONS),
    size=st.sampled_from(SIZES),
)
def test_landing_equals_drive_or_a_line_says_why_not(
    aws: AwsServices, drive_server: DriveApi, drive_handler: Any, ingest: DriveBench, faults: Any, of_s3: Any, size: int
) -> None:
    bench = DriveBench.new(aws, drive_server, drive_handler)
    where = {"landing_bucket": bench.bucket, "drive_secret": bench.secret}
    drive = bench.drive
    drive.add("f1", "order_items.csv", b"a" * size)
    drive.add("f2", "order_item_options.csv", b"b")
    whole = {
        "landing/restaurant/f1/order_items.csv": drive.files["f1"].content,
        "landing/restaurant/f2/order_item_options.csv": b"b",
    }
    for kind, status, times in faults:
        _plan(bench, kind, status, times, size)
    for fault in (*of_s3, None):
        done = _invoke(bench, fault, where)
        assert bench.landed().items() <= whole.items()
        if done:
            assert bench.landed() == whole
    drive.faults.clear()
    assert _invoke(bench, None, where)
    assert (bench.landed() == whole, bench.left_over()) == (True, [])
    assert bench.versions("landing/") == len(whole)


def _plan(bench: DriveBench, kind: str, status: int, times: int, size: int) -> None:
    if status == -1:
        bench.drive.fail(kind, cut_after=size // 2 if kind == "media" else 5, times=times)
    elif status == -2:
        bench.drive.fail(kind, cut_after=0, times=times)
    else:
        bench.drive.fail(kind, status, "rateLimitExceeded" if status in (403, 429) else "backendError", times=times)


def _invoke(bench: DriveBench, fault: tuple[str, str] | None, where: dict[str, str]) -> bool:
    """Whether all is done; an error has to be a line."""
    s3, clock = bench.client() if fault else bench.s3, Clock()
    if fault and fault[1] == "out of time":
        before(s3, fault[0], clock.use_up)
    elif fault:
        answer(s3, fault[0], 503 if fault[1] == "SlowDown" else 403, fault[1], times=2)
    try:
        return bool(bench.run(s3, clock, **where)["done"])
    except MedallionError as error:
        line = str(error)
    assert ("\n" in line, ": " in line, "; " in line) == (False, True, True)
    return False
