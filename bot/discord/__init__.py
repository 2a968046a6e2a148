"""Discord: people's words come in through the gateway, replies and notices go out over REST.

The SDK is imported in this folder alone, and only once there is a token.
"""
