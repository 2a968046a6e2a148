"""`decision_log`: a read-only view over the journal, for people who query it with SQL."""

from __future__ import annotations

from swarm_core.store import Database, Migrations, RoomTables

_DECISIONS = Migrations("views")


@_DECISIONS(name="0001_decision_log")
def _decision_log(db: Database) -> None:
    """Every automatic decision in the columns an operator expects to query."""
    db.execute(
        """create view decision_log as
        select seq as id,
            strftime('%Y-%m-%dT%H:%M:%S', at / 1000000, 'unixepoch')
                || printf('.%06dZ', at % 1000000) as timestamp,
            coalesce(payload ->> '$.worker', actor) as worker_name,
            case kind
                when 'task.routed' then
                    case when payload ->> '$.worker' is null then 'reject' else 'approve' end
                when 'task.joined' then 'skip'
                when 'task.parked' then 'escalate'
                when 'policy.refused' then 'reject'
            end as action_type,
            coalesce(payload ->> '$.reason', payload ->> '$.rule', 'identical_request')
                as rule_name,
            json_object('kind', kind, 'task', task, 'run', run, 'detail', json(payload))
                as context,
            kind as outcome,
            0 as overridden,
            null as override_action
        from journal
        where kind in ('task.routed', 'task.joined', 'task.parked', 'policy.refused')"""
    )


@_DECISIONS(name="0002_approvals")
def _approvals(db: Database) -> None:
    """What people were asked and what they decided stands there, too. The worker of a question is
    who asked, of a decision who took it."""
    db.execute("drop view decision_log")
    db.execute(
        """create view decision_log as
        select seq as id,
            strftime('%Y-%m-%dT%H:%M:%S', at / 1000000, 'unixepoch')
                || printf('.%06dZ', at % 1000000) as timestamp,
            case kind
                when 'approval.asked' then payload ->> '$.asker'
                else coalesce(payload ->> '$.worker', actor)
            end as worker_name,
            case kind
                when 'task.routed' then
                    case when payload ->> '$.worker' is null then 'reject' else 'approve' end
                when 'task.joined' then 'skip'
                when 'task.parked' then 'escalate'
                when 'approval.asked' then 'escalate'
                when 'approval.decided' then
                    case when payload ->> '$.verdict' = 'approved' then 'approve' else 'reject' end
                else 'reject'
            end as action_type,
            case kind
                when 'approval.asked' then payload ->> '$.approval_kind'
                when 'approval.decided' then payload ->> '$.verdict'
                when 'approval.expired' then 'unanswered'
                when 'approval.refused' then payload ->> '$.why'
                else coalesce(payload ->> '$.reason', payload ->> '$.rule', 'identical_request')
            end as rule_name,
            json_object('kind', kind, 'task', task, 'run', run, 'detail', json(payload))
                as context,
            kind as outcome,
            0 as overridden,
            null as override_action
        from journal
        where kind in ('task.routed', 'task.joined', 'task.parked', 'policy.refused',
            'approval.asked', 'approval.decided', 'approval.expired', 'approval.refused')"""
    )


TABLES = RoomTables(name="views", migrations=_DECISIONS, tables={})
