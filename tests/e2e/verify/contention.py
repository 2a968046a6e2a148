async def run(given): raise NotImplementedError
