"""The desk's steps: small POST doors to triage's verbs, each back to the clue, or to the queue it was opened from."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from app.clues.service import Numbering
from app.desk import prepared
from app.desk.answers import StepForm, StepRoute
from app.desk.closing import refuse_open_transfers
from app.identity.actor import Actor
from app.identity.guards import Requires
from app.identity.permissions import Verb
from app.platform import clock
from app.platform.i18n import gettext as _
from app.platform.web.given import Now, Shared, WriteSession
from app.platform.web.landing import LandedForm
from app.platform.web.render import Flash, redirect, see_other
from app.triage import forms, service

router = APIRouter(route_class=StepRoute)
Registrar = Annotated[Actor, Depends(Requires(Verb.CLUE_REGISTER))]
Writer = Annotated[Actor, Depends(Requires(Verb.CLUE_MESSAGE))]
Evaluator = Annotated[Actor, Depends(Requires(Verb.CLUE_EVALUATE))]
Screener = Annotated[Actor, Depends(Requires(Verb.CLUE_SCREEN_OUT))]
Redirector = Annotated[Actor, Depends(Requires(Verb.CLUE_REDIRECT))]
Merger = Annotated[Actor, Depends(Requires(Verb.CLUE_MERGE))]
Assigner = Annotated[Actor, Depends(Requires(Verb.CLUE_ASSIGN))]
Closer = Annotated[Actor, Depends(Requires(Verb.CLUE_CLOSE))]
Reopener = Annotated[Actor, Depends(Requires(Verb.CLUE_REOPEN))]


def queue_of(request: Request, back: str) -> str:
    """Return the view of the queue a step was taken from, the plain queue when it names nothing of ours."""
    queue = str(request.app.state.urls("desk:queue"))
    is_ours = back.partition("?")[0] == queue and "\\" not in back and len(back) < 1000  # noqa: PLR2004
    return back if is_ours else queue


def done(request: Request, form: LandedForm, clue_id: str, said: str) -> Response:
    """Go back to where the step was taken: the queue with this clue open, if it came from there."""
    back = queue_of(request, form.get("back"))
    if form.get("back") == back:
        return redirect(request, back, flash=Flash(said))
    return see_other(request, "desk:clue", clue_id=clue_id, flash=Flash(said))


@router.post("/desk/clues/{clue_id}/registration", name="triage:register")
def register(
    request: Request,
    clue_id: str,
    actor: Registrar,
    form: StepForm,
    session: WriteSession,
    house: Shared,
    now: Now,
) -> Response:
    """Register a clue."""
    settings = house.settings
    clue = service.register(
        session, actor, clue_id, version=forms.noted(form).version, now=now,
        numbering=Numbering(settings.clue_number_pattern, settings.office_short, settings.number_start),
        evaluation_days=settings.evaluation_days,
    )  # fmt: skip
    return done(request, form, clue_id, _("已登记：%(number)s", number=clue.number))


@router.post("/desk/clues/{clue_id}/requests", name="triage:request_info")
def request_info(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Ask the reporter for more."""
    prepared.fill(session, actor, clue_id, form, prepared.TEXT)
    asked = forms.request(form, today=clock.office_date(now))
    service.request_info(
        session, actor, clue_id, version=asked.version, now=now, text=asked.text, answer_by=asked.answer_by
    )
    return done(request, form, clue_id, _("已请反映人补充"))


@router.post("/desk/clues/{clue_id}/resumption", name="triage:resume")
def resume(
    request: Request, clue_id: str, actor: Writer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Go on without waiting any longer."""
    service.resume(session, actor, clue_id, version=forms.noted(form).version, now=now)
    return done(request, form, clue_id, _("已恢复办理"))


@router.post("/desk/clues/{clue_id}/evaluation", name="triage:evaluate")
def evaluate(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Write an evaluation."""
    judged = forms.judgement(form)
    service.evaluate(
        session, actor, clue_id, version=judged.version, now=now,
        scores=judged.scores, grade=judged.grade, reason=judged.reason,
    )  # fmt: skip
    return done(request, form, clue_id, _("评估已保存，等级 %(grade)s", grade=judged.grade.value))


@router.post("/desk/clues/{clue_id}/evaluation-start", name="triage:start_evaluation")
def start_evaluation(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Begin to evaluate before there is anything to write."""
    service.start_evaluation(session, actor, clue_id, version=forms.noted(form).version, now=now)
    return done(request, form, clue_id, _("已开始评估"))


@router.post("/desk/clues/{clue_id}/transfer-start", name="triage:begin_transfer")
def begin_transfer(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Begin to evaluate what is plainly somebody else's, and go straight to drafting its transfer."""
    service.start_evaluation(session, actor, clue_id, version=forms.noted(form).version, now=now)
    return see_other(request, "transfer:draft", clue_id=clue_id)


@router.post("/desk/clues/{clue_id}/inquiry", name="triage:start_inquiry")
def start_inquiry(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Begin a preliminary inquiry."""
    read = forms.inquiry(form)
    service.start_inquiry(
        session, actor, clue_id, version=read.version, now=now, staff=read.staff, note=read.note
    )
    return done(request, form, clue_id, _("已开展初步调查"))


@router.post("/desk/clues/{clue_id}/inquiry-result", name="triage:end_inquiry")
def end_inquiry(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """End a preliminary inquiry with its finding."""
    read = forms.noted(form, needed=_("请写调查结果。"))
    service.end_inquiry(session, actor, clue_id, version=read.version, now=now, note=read.note)
    return done(request, form, clue_id, _("初步调查已结束"))


@router.post("/desk/clues/{clue_id}/screening", name="triage:screen_out")
def screen_out(
    request: Request, clue_id: str, actor: Screener, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Decide not to accept."""
    prepared.fill(session, actor, clue_id, form, prepared.PUBLIC)
    read = forms.decision(form)
    service.screen_out(
        session, actor, clue_id, version=read.version, now=now,
        reason_key=read.reason_key, public=read.public, note=read.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已作不予受理处理"))


@router.post("/desk/clues/{clue_id}/redirection", name="triage:redirect")
def redirect_clue(
    request: Request, clue_id: str, actor: Redirector, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Lead the reporter to another channel."""
    prepared.fill(session, actor, clue_id, form, prepared.PUBLIC)
    read = forms.chosen(form, "hotline_key", needed=_("请选择渠道。"))
    service.redirect(
        session, actor, clue_id, version=read.version, now=now, hotline_key=read.key,
        reason_key=read.decision.reason_key, public=read.decision.public, note=read.decision.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已引导到其他渠道"))


@router.post("/desk/clues/{clue_id}/merging", name="triage:merge")
def merge(
    request: Request, clue_id: str, actor: Merger, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Merge with the clue it is the same matter as."""
    read = forms.chosen(form, "master", needed=_("请填写主线索的编号。"))
    service.merge(
        session, actor, clue_id, version=read.version, now=now, master=read.key,
        reason_key=read.decision.reason_key, note=read.decision.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已合并"))


@router.post("/desk/clues/{clue_id}/unmerging", name="triage:unmerge")
def unmerge(
    request: Request, clue_id: str, actor: Merger, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Take a merged clue out again."""
    read = forms.noted(form, needed=_("请写为什么解除合并。"))
    service.unmerge(session, actor, clue_id, version=read.version, now=now, note=read.note)
    return done(request, form, clue_id, _("已解除合并"))


@router.post("/desk/clues/{clue_id}/splitting", name="triage:split")
def split(
    request: Request, clue_id: str, actor: Merger, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Take some of the clues merged under this one out again."""
    read = forms.splitting(form)
    out = service.split(
        session, actor, clue_id, version=read.version, now=now,
        members=read.members, stay_together=read.stay_together, note=read.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已拆出 %(n)s 条", n=len(out)))


@router.post("/desk/clues/{clue_id}/watch", name="triage:watch")
def watch(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Keep under watch."""
    read = forms.noted(form, needed=_("请写为什么存查。"))
    service.watch(session, actor, clue_id, version=read.version, now=now, note=read.note)
    return done(request, form, clue_id, _("已存查"))


@router.post("/desk/clues/{clue_id}/filing-proposal", name="triage:propose_filing")
def propose_filing(
    request: Request, clue_id: str, actor: Evaluator, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Propose that a case be filed."""
    read = forms.noted(form)
    service.propose_filing(session, actor, clue_id, version=read.version, now=now, note=read.note)
    return done(request, form, clue_id, _("已提请立案"))


@router.post("/desk/clues/{clue_id}/closure", name="triage:close")
def close(
    request: Request, clue_id: str, actor: Closer, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Close a clue with its outcome, when nobody has it in hand any more."""
    prepared.fill(session, actor, clue_id, form, prepared.PUBLIC)
    read = forms.decision(form)
    refuse_open_transfers(session, actor, clue_id, version=read.version)
    service.close(
        session, actor, clue_id, version=read.version, now=now,
        reason_key=read.reason_key, public=read.public, note=read.note,
    )  # fmt: skip
    return done(request, form, clue_id, _("已办结"))


@router.post("/desk/clues/{clue_id}/reopening", name="triage:reopen")
def reopen(
    request: Request, clue_id: str, actor: Reopener, form: StepForm, session: WriteSession, now: Now
) -> Response:
    """Take an ended clue up again."""
    read = forms.decision(form)
    service.reopen(
        session, actor, clue_id, version=read.version, now=now, reason_key=read.reason_key, note=read.note
    )
    return done(request, form, clue_id, _("已重新办理"))
