"""The one door: any view → its reply."""

from __future__ import annotations

from typing import assert_never

from bot.answers.approvals import approvals, judged, moved
from bot.answers.approving import in_full
from bot.answers.checkup import checkup
from bot.answers.configuring import config_changed, config_checked
from bot.answers.failures import failures
from bot.answers.finding import history, search
from bot.answers.hearing import dropped, heard
from bot.answers.helping import help_on
from bot.answers.identities import checked, created, identities, identity
from bot.answers.incidents import incident
from bot.answers.keeping import backed_up, erased, moved_away
from bot.answers.linking import linking
from bot.answers.models import models
from bot.answers.money import budget, cap_set, categories, chart, spending, thawed
from bot.answers.on_discord import on_discord
from bot.answers.on_telegram import on_telegram
from bot.answers.people import people
from bot.answers.priorities import priorities
from bot.answers.raises import cap_raised
from bot.answers.service import reload
from bot.answers.swarm import cancelled, config, decided, resumed, status, stopped, workers
from bot.answers.talking import begun, forgotten, missed, remembered, skipped, told
from bot.answers.tasks import accepted, ended, listing, shown
from bot.answers.top import top
from bot.answers.whole import whole
from bot.answers.why import simulated, why
from bot.answers.words import Words
from bot.commands import (
    discord_views,
    finding_views,
    incident_views,
    link_views,
    model_views,
    notice_views,
    people_views,
    priority_views,
    talk_views,
    telegram_views,
    top_views,
    views,
    voice_views,
)
from bot.reply import Reply


def answer(words: Words, view: views.View) -> Reply:
    """The reply that tells `view`."""
    match view:
        case views.Accepted():
            return accepted(words, view)
        case views.Ended():
            return ended(words, view)
        case views.Approvals():
            return in_full(words, view.one) if view.one else approvals(words, view)
        case views.Judged():
            return judged(words, view)
        case views.Cheaper():
            return moved(words, view)
        case views.Tasks():
            return listing(words, view)
        case top_views.Top():
            return top(words, view)
        case finding_views.Search():
            return search(words, view)
        case finding_views.Ended():
            return history(words, view)
        case views.Shown():
            return shown(words, view)
        case views.Whole():
            return whole(words, view)
        case views.Why():
            return why(words, view)
        case views.Cancelled():
            return cancelled(words, view)
        case views.Stopped():
            return stopped(words, view)
        case views.Resumed():
            return resumed(words, view)
        case views.Thawed():
            return thawed(words, view)
        case views.Decided():
            return decided(words, view)
        case views.Status():
            return status(words, view)
        case views.Workers():
            return workers(words, view)
        case views.Budget():
            return budget(words, view)
        case views.Spending():
            return spending(words, view)
        case views.Categories():
            return categories(words, view)
        case views.CapSet():
            return cap_set(words, view)
        case views.CapRaised():
            return cap_raised(words, view)
        case views.Thawed():
            return thawed(words, view)
        case views.Chart():
            return chart(words, view)
        case views.Config():
            return config(words, view)
        case views.ConfigChanged():
            return config_changed(words.say, view)
        case views.ConfigChecked():
            return config_checked(words.say, view)
        case views.Identities():
            return identities(words.say, view)
        case views.Identity():
            return identity(words.say, view)
        case views.Checked():
            return checked(words.say, view)
        case views.Created():
            return created(words.say, view)
        case views.Checkup():
            return checkup(words.say, view)
        case views.Reload():
            return reload(words, view)
        case model_views.Models():
            return models(words, view)
        case views.Simulated():
            return simulated(words, view)
        case views.Failures():
            return failures(words, view)
        case talk_views.Begun():
            return begun(words, view)
        case talk_views.Remembered():
            return remembered(words, view)
        case talk_views.Forgotten():
            return forgotten(words, view)
        case talk_views.Told():
            return told(words, view)
        case talk_views.Missed():
            return missed(words, view)
        case talk_views.Skipped():
            return skipped(words, view)
        case voice_views.Heard():
            return heard(words, view)
        case voice_views.Dropped():
            return dropped(words, view)
        case views.BackedUp():
            return backed_up(words, view)
        case discord_views.OnDiscord() | discord_views.Greeted():
            return on_discord(words, view)
        case telegram_views.OnTelegram() | telegram_views.GreetedThere():
            return on_telegram(words, view)
        case views.MovedAway():
            return moved_away(words, view)
        case views.Erased():
            return erased(words, view)
        case (
            people_views.Listed()
            | people_views.Given()
            | people_views.Invited()
            | people_views.Paired()
            | people_views.Me()
            | people_views.Gone()
            | people_views.Channel()
            | people_views.WhoMay()
            | people_views.PoliciesChecked()
            | people_views.Sharing()
            | people_views.Outbox()
            | people_views.DigestHour()
            | people_views.DigestView()
            | notice_views.Notify()
            | notice_views.Notifications()
            | notice_views.Hooks()
            | notice_views.HookTested()
        ):
            return people(words, view)
        case (
            link_views.LinkMade()
            | link_views.LinkUsed()
            | link_views.MyAccounts()
            | link_views.Carried()
            | link_views.Latest()
        ):
            return linking(words, view)
        case (
            incident_views.Incidents()
            | incident_views.IncidentWhole()
            | incident_views.IncidentTaken()
        ):
            return incident(words, view)
        case (
            priority_views.Listed()
            | priority_views.Told()
            | priority_views.Proposed()
            | priority_views.Unclear()
            | priority_views.Set()
            | priority_views.Steered()
            | priority_views.Doubted()
            | priority_views.LetGo()
            | priority_views.Ran()
            | priority_views.Automation()
        ):
            return priorities(words, view)
        case views.Help():
            return help_on(words.say, view.command, plain=view.plain, filled_in=view.fields)
        case _:
            assert_never(view)
