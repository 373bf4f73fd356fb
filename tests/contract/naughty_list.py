"""Texts that programs stumble over, by class."""

import unicodedata


def naughty():
    """Each text once, in a stable order."""
    texts = []
    for group in (WORDS, NUMBERS, MARKUP, CODE, FORMATS, UNICODE, SCRIPTS, EMOJI):
        texts += group
    texts += controls()
    texts += spaces()
    texts += marks()
    texts += lengths()
    return list(dict.fromkeys(texts))


WORDS = [
    "", " ", "undefined", "undef", "null", "NULL", "(null)", "nil", "NIL", "None", "none", "true",
    "false", "True", "FALSE", "hasOwnProperty", "constructor", "__proto__", "toString", "then",
    "\\", "\\\\", "/", ".", "..", "../..", "-", "--", "_", "?", "!", "#", "*", "con", "CON", "aux",
    "NUL", "COM1", "LPT1", "root", "admin", "nobody", "default", "select", "from", "where", "order",
    "User", "Smith, John", "O'Neil", "d'Arc", "Null Nullson", "Test Test", "N/A", "n.a.", "unknown",
    "Scunthorpe", "a", "A", "I", "Jean-Luc", "Ng", "X Æ", "von der Leyen", "de la Cruz", "III",
    "Jr.", "Dr. Dr.", "@handle", "#tag", "a@b", "mailto:a@b.c",
]

NUMBERS = [
    "0", "1", "-1", "1.00", "$1.00", "1/2", "1E2", "1E02", "+1", "-0", "0.0", "0/0", "1/0", "NaN",
    "Infinity", "-Infinity", "INF", "1#INF", "0x0", "0xffffffff", "0xabad1dea",
    "123456789012345678901234567890", "1,000.00", "1 000,00", "1'000", "1_000", "01", "08", "1e999",
    "2147483648", "4294967296", "9223372036854775808", "18446744073709551616",
    "1.7976931348623159e308", "--1", "1-", "½", "²", "١٢٣", "１２３", "Ⅷ", "①", "𝟘𝟙𝟚",
]

MARKUP = [
    "<script>alert(1)</script>", "&lt;b&gt;", "&amp;", "&#x3c;", "<b>", "</b>", "<!-- -->",
    "<![CDATA[ ]]>", "]]>", "<svg onload=alert(1)>", "<img src=x onerror=alert(1)>",
    "\"><script>alert(1)</script>", "javascript:alert(1)", "' onmouseover='alert(1)",
    "<iframe src=//x.org>", "<a href=\"x\">x</a>", "<?xml version=\"1.0\"?>",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>", "&e;", "<x:y/>",
    "[link](javascript:alert(1))", "**bold**", "`code`", "# heading", "<<<", ">>>", "{{7*7}}",
    "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% raw %}", "[[x]]",
]

CODE = [
    "'; drop table users; --", "1; drop table users", "' or 1=1 --", "\" or \"\"=\"",
    "') or ('1'='1", "1' or '1", "' union select null --", "%", "_", "%_%_", "\\%", "\\_",
    "like '%'", "/* */", "--", "';", "\"", "'", "''", "\"\"", "`", "``", "$1", "$$", ":name", "?1",
    "@p", "match (n) detach delete n", "'}) return n //", "$(touch x)", "`touch x`", "; ls", "| ls",
    "&& ls", "> x", "$HOME", "$ENV{'HOME'}", "%HOME%", "%d", "%s%s%s%s%s", "%n", "%x%x", "{0}",
    "%*.*s", "{}", "{:>1000}", "eval(\"1\")", "system('ls')", "../../../etc/passwd",
    "..\\..\\boot.ini", "/dev/null", "file:///etc/passwd", "http://127.0.0.1/", "http://a/%%30%30",
    "\\\\host\\share", "C:\\", "~root", "() { :; }; echo", "() { 0; }", "=cmd|' /C calc'!A0",
    "=1+1", "+1+1", "-1+1", "@sum(1)", "\"a\",\"b\"", "a;b", "a\\tb", "a\\u0000b", "%00", "%0d%0a",
    "a%0aSet-Cookie: x=y", "Content-Length: 0", "*/*", "[a-z]+", "(a+)+$", "^", "$",
]

FORMATS = [
    "{\"a\":1}", "[1,2]", "\"quoted\"", "{\"$ne\":null}", "{\"name\":\"x\"}", "key: value",
    "- item", "!!python/object", "---", "a=b&c=d", "a=b;c=d", "BEGIN:VCARD",
    "2026-04-01T12:00:00.000Z", "2026-02-30", "00:00", "24:00:00", "P1D",
    "550e8400-e29b-41d4-a716-446655440000", "00000000-0000-0000-0000-000000000000", "bm90aGluZw==",
    "=?utf-8?Q?x?=", "=?utf-8?B?eA==?=", "xn--bcher-kva", "AAAA" * 10, "\\x41", "\\101", "&nbsp;",
    "%20", "+", "a+b", "a b", "1 2",
]

UNICODE = [
    "\u00ad", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f", "\u202a\u202c", "\u202e",
    "\u202etest\u202c", "\u2060", "\u2066test\u2067", "\ufeff", "\ufffe", "\uffff", "\ufffd",
    "\ufffc", "\ufdd0", "\U0001fffe", "\U0010ffff", "\ue000", "\uf8ff", "\U000f0000", "\U000e0001",
    "\U000e0041", "a\u200db", "a\u200bb", "so\u00adft", "\u034f", "\u061c", "\u115f", "\u3164",
    "\u2800", "\u180e", "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "œ∑´®†¥¨ˆøπ“‘", "¡™£¢∞§¶•ªº–≠", "¸˛Ç◊ı˜Â¯˘¿",
    "`⁄€‹›ﬁﬂ‡°·‚—±", "⅛⅜⅝⅞", "⁰⁴⁵", "₀₁₂", "田中さん", "パーティー", "和製漢語", "部落格", "사회과학원", "찦차", "울란바토르",
    "𠜎𠜱𠝹𠱓", "𐐜𐐔", "表ポあA鷗ŒéＢ逍Üßªąñ丂㐀𠀀", "Ⱥ", "Ⱦ", "ɐnbᴉlɐ", "ʇuǝpᴉpᴉɔuᴉ", "Ｔｈｅ ｑｕｉｃｋ", "𝐓𝐡𝐞 𝐪𝐮𝐢𝐜𝐤",
    "𝕿𝖍𝖊", "𝒯𝒽ℯ", "𝔗𝔥𝔢", "⒯⒣⒠", "Ⓣⓗⓔ", "ﬀﬁﬂﬃﬄﬅﬆ", "Ĳĳ", "ǅǆ", "ŉ", "ǰ", "ΐ", "ΰ", "ẖẗẘẙẚ", "ẞß",
    "ſ", "İı", "Σσς", "ΑΙ\u0345", "ᾳ", "ᾼ", "\ufdfa", "\ufdfb", "\u0130\u0307", "K\u212a",
    "Å\u212b", "Ω\u2126", "¼½¾", "㍿", "㌀", "㋿", "№", "℡", "™", "…", "；", ";", "，", "。", "・", "ｶﾞ",
    "ガ", "か\u3099", "が", "Ạ\u0307", "a\u0307\u0323", "가", "\u1100\u1161", "\u0344", "क़", "\u0958",
]

SCRIPTS = [
    "مرحبا بالعالم", "الأردن", "שלום עולם", "הָיְתָהtestالصفحات", "नमस्ते", "ক্ষ", "ਪੰਜਾਬੀ",
    "ગુજરાતી", "தமிழ்", "తెలుగు", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "สวัสดี", "ລາວ", "བོད་ཡིག", "မြန်မာ",
    "ქართული", "ᲥᲐᲠᲗᲣᲚᲘ", "ትግርኛ", "ᏣᎳᎩ", "ꭰꭱ", "ខ្មែរ", "ᠮᠣᠩᠭᠣᠯ", "ひらがな", "カタカナ", "漢字", "汉字", "한국어",
    "Ελληνικά", "Русский", "Українська", "Հայերեն", "Tiếng Việt", "Íslenska", "Türkçe Iİıi",
    "Lietuvių i̇̀", "Ⲙⲉⲧⲣⲉⲙⲛ̀ⲭⲏⲙⲓ", "𐎠𐎡𐎢", "𓀀𓁐", "ߒߞߏ", "ꦗꦮ", "ޑިވެހި", "ܐܪܡܝܐ", "ⵜⵉⴼⵉⵏⴰⵖ", "ꀉꀊ",
    "᚛ᚄᚓᚐᚋ᚜",
]

EMOJI = [
    "😀", "👍🏽", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🇺🇳🇷🇺🇸", "0️⃣", "❤️", "❤", "☠︎", "👨🏿‍🦰", "🐵🙈🙉🙊",
    "🏴\U000e0067\U000e007f", "©️", "㊙️", "ಠ_ಠ", "(╯°□°）╯︵ ┻━┻", "(｡◕ ∀ ◕｡)", "┬─┬ノ", "¯\\_(ツ)_/¯",
    "ヽ༼ຈل͜ຈ༽ﾉ", "( ͡° ͜ʖ ͡°)", "☃", "♥", "✂️",
]


def controls():
    """Every control character inside a text, and some at its edges."""
    codes = [*range(0x01, 0x20), *range(0x7F, 0xA0)]
    inside = [f"a{chr(code)}z" for code in codes]
    return inside + [f"{chr(code)}a{chr(code)}" for code in (0x01, 0x09, 0x0A, 0x1C, 0x1F, 0x7F,
                                                             0x85)] + [
        "a\r\nb", "\r\n", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "a\bb", "\x7f\x7f"]


def spaces():
    """Each kind of white space around, inside and alone, and what only looks like it."""
    kinds = "\u00a0\u1680\u2000\u2001\u2003\u2007\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
    texts = [text for kind in kinds for text in (kind, f"{kind}a{kind}", f"a{kind}b")]
    return texts + ["  a  b  ", "\ta", "a\n", "\u200b a", "\ufeff a ", "\u180ea", "\u2800a\u2800",
                    "\u3164a"]


def marks():
    """Letters under many combining marks, and marks alone."""
    stacks = ["\u0300", "\u0316\u0300", "\u0489" * 8, "\u20dd", "\u064b\u0651", "\u05b0\u05bc",
              "\u0e34\u0e48", "\u0fb2\u0f71"]
    texts = [base + stack for base in ("", "a", "Z") for stack in stacks]
    return texts + ["".join(c + "\u0321\u0337\u0353\u030e" for c in "zalgo"), "e\u0301" * 90,
                    "a" + "\u0301" * 150,
                    unicodedata.normalize("NFD", "Ünïcödé Ǖ ệ 한글"), unicodedata.normalize("NFKD",
                                                                                          "ﬃ Ⅷ ㍿")]


def lengths():
    """About each limit: 64, 200 and 20,000 code points of one, two, three and four bytes."""
    return [letter * count for letter in "xé山👍" for count in (63, 64, 65, 199, 200, 201)] + [
        "\ufdfa" * 64, "\ufdfa" * 200, "ΐ" * 200, "x" * 20_000, "👍" * 20_000, "x" * 20_001,
        "👍" * 20_001]
