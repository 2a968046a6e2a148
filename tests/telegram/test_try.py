from pathlib import Path
from tests.telegram.bench import bench
from tests.worlds import Custom
from swarm_core.steps.model import Conclusion

async def test_first(tmp_path: Path) -> None:
    async def talk(assignment, run):
        return Conclusion(state="done", text=f"**Answer** to `{assignment.text}` with @everyone /stop")
    async with bench(tmp_path) as at, at.on_telegram(Custom(talk)) as swarm:
        print([n.text for n in at.told])
        await at.hand.say(at.ana, at.ana, "what is two and two?")
        m = await at.said(at.ana, "Answer")
        for x in await at.hand.screen(at.ana): print(x.get('text'), x.get('entities'), x.get('reply_markup'))
        await at.hand.command(at.group, at.ben, "ask", "three")
        import asyncio
        await asyncio.sleep(3)
        for x in await at.hand.screen(at.group): print('G', x.get('text'), x.get('reply_to_message',{}).get('message_id'))
        print([n.text for n in at.told])
