"""The steps of an access: asked for, approved or rejected, withdrawn, revoked; each in the session's one transaction.

Each locks the requests, looks at how things stand, refuses what does not follow from that with one line, and otherwise
changes the request's row and adds a row to `control.access_event`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medallion import fault
from medallion.errors import UsageError
from medallion.warehouse.access import Access, AccessEvent, AccessRequest, AccessState, standing
from medallion.warehouse.records import insert_records, replace_records, select_records

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from medallion.warehouse.agreement import Agreement
    from medallion.warehouse.base import Session
    from medallion.warehouse.consumer import Consumer

_LONGEST_TEXT = 1000
_SELF_APPROVED = "approved by whoever asked"


@dataclass(frozen=True)
class Actor:
    """Who acts: by the name given with the command, and the account and machine that it was typed at."""

    name: str
    account: str


@dataclass(frozen=True, kw_only=True)
class Case:
    """One port and one consumer, what the port offers now (None: nothing to anybody), and who acts when (UTC)."""

    product: str
    port: str
    consumer: Consumer
    offered: Agreement | None
    owner: str
    actor: Actor
    now: datetime

    def __str__(self) -> str:
        return f"{self.product}.{self.port} for {self.consumer}"

    @property
    def target(self) -> str:
        """The port and consumer as options of a command."""
        return f"{self.product}.{self.port} --for {self.consumer}"


def ask(session: Session, case: Case, purpose: str | None, until: date | None) -> Access:
    """Record a request. Where the terms of an access changed, purpose and last day are those of before by default.

    Raises UsageError for a purpose or date that is none, a port that is not offered, and for what is asked for or
    approved already.
    """
    newest, held = _found(session, case)
    if newest and newest.is_open:
        raise UsageError(
            f"{case}: was asked for already, by {_by(newest)}; to ask for something else, first:"
            f" medallion access withdraw {case.target}"
        )
    if case.offered is None:
        raise UsageError(f"{case}: its product is a draft, whose terms may still change; ask when it is ready")
    again = next((one for one in (newest, held) if one and one.changes), None)
    if again:  # the terms changed, not what the consumer wants
        purpose = again.request.purpose if purpose is None else purpose
        until = until or again.request.until
    said = _text(purpose, "purpose", "weekly mailing")
    if until and until < case.now.date():
        raise UsageError(f"--until {until}: is past; give today or a later day, or none for an access without end")
    if held and held.is_granted and (held.request.purpose, held.request.until) == (said, until):
        raise UsageError(f"{case}: {_said(held)}; to change its purpose or last day, ask with another")
    request = AccessRequest(
        number=_next(session, "access_request"),
        product=case.product,
        port=case.port,
        consumer=str(case.consumer),
        state=AccessState.REQUESTED,
        purpose=said,
        until=until,
        agreement=case.offered.to_json(),
        agreement_hash=case.offered.hash,
        requested_by=case.actor.name,
        requested_at=case.now,
    )
    if newest and newest.request.state is AccessState.REQUESTED:
        _record(session, case, newest.request, AccessState.REPLACED, f"by request {request.number}")
    return _record(session, case, request, AccessState.REQUESTED, said)


def approve(
    session: Session,
    case: Case,
    reason: str | None = None,
    *,
    allow_self: bool = False,
    approvers: Sequence[str] | None = None,
) -> Access:
    """Approve the open request; an access that the consumer had is replaced by it.

    Raises UsageError where none is open, where terms or tables changed since, and to whoever asked (unless
    `allow_self`) or is none of `approvers` (None: anybody may).
    """
    newest, held = _found(session, case)
    found = _open(case, newest)
    if approvers is not None and case.actor.name not in approvers:
        raise UsageError(
            f"{case}: {case.actor.name} does not approve for its owner, {case.owner}; let one of these do it:"
            f" {', '.join(approvers) or 'nobody is named'} (setting approvers)"
        )
    is_own = case.actor.name.casefold() == found.request.requested_by.casefold()
    if is_own and not allow_self:
        raise UsageError(
            f"{case}: {case.actor.name} asked for it; let {case.owner or 'its owner'} approve it, or add --allow-self,"
            " which goes on record"
        )
    said = None if reason is None else _text(reason, "reason", "as agreed")
    note = "; ".join(part for part in (_SELF_APPROVED if is_own else None, said) if part) or None
    if held:
        _record(session, case, held.request, AccessState.REPLACED, f"by request {found.request.number}")
    return _record(session, case, found.request, AccessState.APPROVED, note)


def reject(session: Session, case: Case, reason: str | None) -> Access:
    """Decline the open request. Raises UsageError where none is open, or no reason is given."""
    newest, _ = _found(session, case)
    why = _text(reason, "reason", "no such campaign")
    return _record(session, case, _waiting(case, newest).request, AccessState.REJECTED, why)


def withdraw(session: Session, case: Case, reason: str | None) -> Access:
    """Take the request back before anybody decided. Raises UsageError where none is open."""
    newest, _ = _found(session, case)
    why = None if reason is None else _text(reason, "reason", "not needed any more")
    return _record(session, case, _waiting(case, newest).request, AccessState.WITHDRAWN, why)


def revoke(session: Session, case: Case, reason: str | None) -> Access:
    """End an access that was approved. Raises UsageError where there is none, or no reason is given."""
    newest, held = _found(session, case)
    if held is None:
        remedy = f"reject it with: medallion access reject {case.target} --reason …"
        raise UsageError(
            f"{case}: {_said(newest)}; {remedy if newest and newest.is_open else 'there is nothing to revoke'}"
        )
    return _record(session, case, held.request, AccessState.REVOKED, _text(reason, "reason", "the campaign ended"))


def _found(session: Session, case: Case) -> tuple[Access | None, Access | None]:
    """The newest request of the consumer for the port, and the approved one; nobody else changes them meanwhile."""
    session.lock("control.access_request")
    where = "product = ? AND port = ? AND consumer = ? ORDER BY number DESC"
    rows = select_records(session, AccessRequest, where, (case.product, case.port, str(case.consumer)))
    found = [standing(row, case.offered, case.now) for row in rows]
    return next(iter(found), None), next((one for one in found if one.request.state is AccessState.APPROVED), None)


def _waiting(case: Case, newest: Access | None) -> Access:
    """The request that nobody decided on, whatever became of its terms. Raises UsageError where there is none."""
    if newest is None or newest.request.state is not AccessState.REQUESTED:
        raise UsageError(f"{case}: {_said(newest)}; {_remedy(case, newest)}")
    return newest


def _open(case: Case, newest: Access | None) -> Access:
    found = _waiting(case, newest)
    if not found.is_open:
        raise UsageError(f"{case}: {_said(found)}; {_remedy(case, found)}")
    return found


def _remedy(case: Case, newest: Access | None) -> str:
    if newest and newest.is_granted:
        return "there is nothing left to do"
    purpose = "" if newest and newest.changes else " --purpose …"
    return f"the consumer asks {'again' if newest else 'first'}: medallion access request {case.target}{purpose}"


def _said(found: Access | None) -> str:
    """How a request stands, in words."""
    if found is None:
        return "nobody asked for it"
    request = found.request
    reason = f" ({request.reason})" if request.reason else ""
    if found.state is AccessState.EXPIRED:
        return f"its last day was {request.until}"
    if found.state is AccessState.NOT_OFFERED:
        return "its port is not offered any more"
    if found.changes:
        return f"was {request.state} by {_by(found)}, and since then {'; '.join(found.changes)}"
    if found.state is AccessState.REPLACED:
        return "was replaced by another request"
    already = " already" if found.is_granted else ""
    return f"was {request.state}{already} by {_by(found)}{reason}"


def _by(found: Access) -> str:
    request = found.request
    when = request.decided_at or request.requested_at
    return f"{request.decided_by or request.requested_by} on {when:%Y-%m-%d}"


def _text(text: str | None, name: str, example: str) -> str:
    """What somebody gave as a purpose or reason, in one line. Raises UsageError where it says nothing."""
    said = " ".join((text or "").split())
    if not said:
        raise UsageError(f'--{name}: is needed, as it goes on record; write for example --{name} "{example}"')
    if len(said) > _LONGEST_TEXT or not said.isprintable():
        raise UsageError(f"--{name}: has {len(said):,} characters, or some that cannot be shown; say it in a line")
    return said


def _next(session: Session, table: str) -> int:
    newest = session.rows(f"SELECT max(number) FROM control.{table}")[0][0]
    return (newest or 0) + 1


def _record(session: Session, case: Case, request: AccessRequest, state: AccessState, note: str | None) -> Access:
    """Bring a request to a state and add that to the log."""
    changed = request
    if state is not AccessState.REQUESTED:
        changed = replace(request, state=state, decided_by=case.actor.name, decided_at=case.now, reason=note)
    replace_records(session, [changed])
    fault.point("access.request")
    event = AccessEvent(
        number=_next(session, "access_event"),
        request_number=changed.number,
        product=changed.product,
        port=changed.port,
        consumer=changed.consumer,
        action=state.value,
        actor=case.actor.name,
        account=case.actor.account,
        owner=case.owner or None,
        note=note,
        until=changed.until,
        agreement_hash=changed.agreement_hash,
        happened_at=case.now,
    )
    insert_records(session, [event])
    fault.point("access.event")
    return standing(changed, case.offered, case.now)
