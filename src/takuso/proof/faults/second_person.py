"""Faults of what needs a second person: appointments, changes of the rules, exports of the log."""

from typing import Final

from takuso.proof.faults.fault import BodyEdit, DatabaseFault

_APPOINT: Final = "wall.appoint(bytea, date, text, text, text, text, text, timestamptz, timestamptz, bigint, text)"
# The administration is no way round the wall: nobody gives themselves rights, and nothing is read without a ticket.
FAULTS: Final = (
    DatabaseFault(
        name="export-approved-by-oneself",
        title="閲覧記録の持出しを、申請した本人にも承認させる",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.export_step(bytea,date,uuid,text,text,text,text,text,text,text,boolean)",
                old="p_step = 'approval' AND (asked.person = m.person OR asked.appointment = m.appointment)",
                new="p_step = 'approval' AND asked.person IS NULL",
            ),
        ),
    ),
    DatabaseFault(
        name="own-proposal-approved",
        title="申請した本人が、自分の申請を承認できるようにする",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.decide_proposal(bytea, date, text, bigint, text, text, text, int, int)",
                old="(q.proposer = v_actor) <> (p_verdict = 'withdrawn')",
                new="q.proposer <> v_actor AND p_verdict = 'withdrawn'",
            ),
        ),
    ),
    DatabaseFault(
        name="appointed-by-oneself",
        title="自分自身を発令できるようにする",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function=_APPOINT,
                old="IF v_person = v_actor THEN",
                new="IF v_person < 0 THEN",
            ),
        ),
    ),
    DatabaseFault(
        name="overlapping-appointments",
        title="同じ人の同じ会社の発令が、期間の重なりを断られなくする",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.check_appointment(jsonb)",
                old="AND a.id IS DISTINCT FROM c.retires AND a.valid && v_valid",
                new="AND a.id IS NULL",
            ),
        ),
    ),
    DatabaseFault(
        name="persons-without-ticket",
        title="利用者の一覧を、管理の閲覧票なしで答える",
        caught_by="catalogue",
        bodies=(
            BodyEdit(
                function="wall.office_persons(text, text, int)",
                old="IF NOT wall.office_granted('office.read') THEN",
                new="IF false THEN",
            ),
        ),
    ),
)
