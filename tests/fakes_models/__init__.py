"""The fake model server, driven by the real SDKs: a fake is only worth what it is held to."""
