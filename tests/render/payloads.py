"""What a page, a file or a model may try on a reader: each should arrive as text, and only that."""

from __future__ import annotations

_CALLS = ["@everyone", "@here", "<@123456789012345678>", "<@!123456789012345678>",
          "<@&123456789012345678>", "<#123456789012345678>", "<:bee:123456789012345678>",
          "<a:bee:123456789012345678>", "<t:1700000000:R>", "<t:1700000000>", "</ask:123456789>",
          "</budget set:123456789>", "<id:customize>", "<id:browse>", "@Moderators"]

_ADDRESSES = ["https://evil.example/x", "HTTPS://EVIL.example/x", "http://evil.example",
              "https://evil.example/@everyone", "https://evil.example/a_b*c*_d_~~e~~||f||",
              "https://bank.example@evil.example/login", "https://user:word@evil.example",
              "https://discord.gg/abcdef", "discord.gg/abcdef", "discord.com/invite/abcdef",
              "https://discord.com/invite/abcdef", "https://discordapp.com/invite/abcdef",
              "https://ptb.discord.com/channels/1/2/3", "https://discord.gift/abcdef",
              "https://discord.new/abcdef", "steam://run/440", "https://xn--80ak6aa92e.example/",
              "https://\u0430pple.example/", "https://[::1]/x", "https://evil.example/\u202egnp.exe",
              "https://evil.example:99999/", "https://\"evil.example/", "https://evil.example/`x`",
              "https://evil.example/<@1>", "discord://-/channels/1/2", "https://evil.example/)",
              "https://evil.example/(a)(b", "https://evil\u200b.example/x", "https://\u3002evil/x"]

_WRAPS = ["{}", "**{}**", "*{}*", "~~{}~~", "||{}||", "__{}__", "> {}", "- {}", "1. {}", "# {}",
          "-# {}", "[{}](https://evil.example/)", "a{}b", "\\{}", "`{}", "{}`", "*a {} b", "({})",
          "a\u200b{}", "&lt;{}&gt;", "| {} | b |\n|---|---|\n| c | {} |", ">>> {}", "_{}_",
          "```\ncode\n```{}", "``{}", "~~~\n{}", "<{}>", "![{}](https://evil.example/p.png)"]

_TRICKS = [
    "@\u200beveryone", "@every\u200bone", "@\u2060here", "@\u202eenoyreve", "@&#101;veryone",
    "&#64;everyone", "&commat;everyone", "\\@everyone", "@\\everyone", "@*every*one",
    "@**everyone**", "<\u200b@123>", "&lt;@123&gt;", "&#60;@123&#62;", "\\<@123>", "<\\@123>",
    "<@&#49;23>", "<@`123`>", "`a` @everyone `b`", "``` @everyone", "```@everyone```",
    "``@everyone``", "`` ` @everyone", "~~~\n```\n@everyone\n~~~\n@here",
    "````\n```\n````\n@everyone", "```\n\\```\n@everyone\n```\n@here", "`a``b` @here ``",
    "    ```\n    @everyone\n", "- ```\n  @here\n- @everyone", "> ```\n> @here\n\n@everyone",
    "[x](https://evil.example \"@everyone\")", "[@everyone](https://evil.example)",
    "[https://bank.example](https://evil.example)", "[bank.example](https://evil.example)",
    "[![@here](https://e.example/a.png)](https://evil.example)", "[x]( <https://evil.example/a b> )",
    "[x](https://evil.example/)(https://e.example)", "[[x](https://evil.example)]",
    "[a\\](b](https://evil.example)", "[a](https://evil.example/\\))", "[](https://evil.example)",
    "[x](//evil.example)", "[x](javascript:alert(1))", "[x](data:text/html,x)", "[x](discord://x)",
    "[x](mailto:a@evil.example)", "[x](tel:+1)", "[x](steam://run/1)", "[x][1]\n\n[1]: https://evil.example",
    "<https://evil.example>", "<mailto:a@b.example>", "<steam://run/1>", "<javascript:alert(1)>",
    "https:\\/\\/evil.example", "https&#58;//evil.example", "https:&#47;&#47;evil.example/x",
    "ht**tps://evil.example**", "https:*//evil.example*", "\\https://evil.example", "xhttps://evil.example",
    "https://evil.example**bold**", "**https://evil.example/**b**", "`https://evil.example",
    "https://evil.example/```\n@everyone\n```", "https://`evil.example` https://x.example",
    "https://evil.example\u200bhttps://two.example", "https://https://evil.example", "https://",
    "https://evil.example/<https://two.example>", "https://evil.example|https://two.example",
    "||secret||", "|\\|secret|\\|", "|&#124;secret||", "||a\n\nb||", "__under__", "\\_\\_under\\_\\_",
    "\\\\*a*", "\\\\\\*a*", "*a\\*", "**a", "a**", "***a**", "**a****b**", "*a**b*", "~~a", "~~~a~~~~",
    "\u202eevil\u202c", "\u2066a\u2069", "\u200ea\u200f", "a\u00adb", "a\u034fb", "\ufeffa", "\u3164",
    "\U000e0041\U000e0042", "a\ufe0f\ufe0f\ufe0f", "a" + "\u0301" * 60, "\u0489" * 40 + "a",
    "\x1b[31mred\x1b[0m", "\x00a\x07b", "\x9b31m", "\u2028@everyone", "a\u2029@here", "\r@everyone",
    "<script>alert(1)</script>", "<b>@everyone</b>", "<!-- @everyone -->", "&nbsp;@everyone",
    "# @everyone\n===", "@everyone\n---", "- [ ] @everyone", "1) @everyone", "+ @everyone",
    "-# small\n@here", "\\# x\n@everyone", "[^1]: @everyone", "\u202e[x](https://evil.example)",
    "@everyone" * 50, "x" * 5000 + "@everyone", "@" * 100 + "everyone", "`" * 50 + "@everyone",
    "*" * 300 + "@here", ">" * 200 + " @everyone", "- " * 60 + "@everyone", "(" * 100 + "[x](" * 50,
    "`" + "a " * 1500 + "@everyone` @here", "**" + "b " * 1500 + "@here** <@1>",
    "\\`@everyone\\`", "`\\`@everyone", "a`b\\`@everyone`", "```js @everyone\n```", "```\n```\n@everyone",
    "```@here\nx\n```", "``` `@here\nx\n```", "```a`b\n@everyone\n```", "<@" + "1" * 30 + ">",
    "\uff20everyone", "@\uff45veryone", "\ud83d@everyone",
]

PAYLOADS: tuple[str, ...] = (
    *_CALLS,
    *_ADDRESSES,
    *_TRICKS,
    *(wrap.replace("{}", one) for wrap in _WRAPS[1:] for one in (*_CALLS[:6], *_ADDRESSES[:8])),
)
