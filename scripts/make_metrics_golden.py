#!/usr/bin/env python3
"""Makes the golden values that the tests of the `metrics` crate compare with.

    pip install sacrebleu==2.6.0
    python scripts/make_metrics_golden.py

The sentences are made up in this file from a fixed seed, so the same version of sacreBLEU gives the
same bytes. Written to crates/metrics/fixtures/:

    hypotheses.json   one string a line of the corpus
    references.json   one or two strings a line of the corpus
    tokens.json       the tokenised form of each hypothesis and of each first reference, `13a` and `zh`
    sentences.json    scores of each hypothesis by itself
    corpora.json      scores of the corpus and of parts of it, under every combination of settings
    characters.json   for every code point c, what a tokenizer makes of "x" + c + "y"
"""

import json
import random
import sys
import unicodedata
from pathlib import Path

import sacrebleu
from sacrebleu.metrics import BLEU, CHRF

SEED = 20
FIXTURES = Path(__file__).resolve().parent.parent / "crates" / "metrics" / "fixtures"
TOKENIZERS = ["13a", "zh", "char", "none"]
SMOOTHING = ["exp", "floor", "add-k", "none"]

# Ordinary text: every combination of one part from each column.
ENGLISH = [
    ["The old man", "My sister", "A young doctor", "Nobody here", "The company", "Our teacher"],
    ["has never seen", "would like to buy", "wrote about", "doesn't understand", "re-opened"],
    ["the house near the river", "a well-known book", "three of the seven plans", "it"],
    ["yesterday.", "before lunch, as usual.", "again!", "in 1998.", "- or so they say.", "?"],
]
CHINESE = [
    ["老人", "我妹妹", "一位年轻的医生", "这里没有人", "公司", "我们的老师"],
    ["从来没有见过", "想买", "写过关于", "不明白", "重新打开了"],
    ["河边的房子", "一本有名的书", "七个计划中的三个", "它"],
    ["。", "\uff0c昨天。", "\uff01", "\uff081998年\uff09。", "——据说是这样。", "\uff1f", ",昨天!"],
]
MIXED = [
    ["我用", "Please install ", "今天的", "Version 2.0 的"],
    ["GPU", "Python3", "C++", "Wi-Fi", "数据库", "e-mail"],
    ["训练 model", "测试\uff0ctest", " 连接 server", "に接続する", " и сервер", " ผู้ใช้"],
    ["。", ".", " 10%!", "\uff08快 2 倍\uff09", "\uff1aOK", "\uff5e"],
]

# Lines that a rule of a tokenizer treats in its own way.
SPECIAL = [
    # Numbers.
    "It costs 3,000.5 dollars, not 3000,5.", "Pages 2-3 and 10-12; see 4.5.6.", "1,000,000.00",
    "It was -5 degrees, then +7.", "At 10:30 a.m. on 2024-01-02.", "In 1990, 1991, and 1992.",
    ".5 is a half, and 0.5. is too", "v1.2.3-beta.4,5", "50% of $3.50 is 1/2 of #7", "3 - 2 = 1",
    "数字3,000.5和2-3。", "价格是¥1,234.50元", "第1-3章\uff0c共5.5万字", "٣.٤ and ५-६", "1. 2, 3 .4 ,5",
    "7-", "-7", "7,", ",7", "7.-,8", "1..2,,3--4", "10.000,00-20.000,00",
    # Punctuation.
    "Wait... what?!", "a...b", "...", ".", ",", "-", "--", "a-b - c--d", "(a) [b] {c} <d>",
    "a/b\\c|d", "snake_case and kebab-case", "x=y+z*2^3~4`5`", "user@example.org, #tag", "; : ! ?",
    "'single' and \"double\"", "rock 'n' roll", "the dogs' bowls", "e.g., i.e., etc.", "U.S.A.",
    # Entities and other SGML.
    "&quot;Quoted&quot; &amp; more", "&lt;b&gt;bold&lt;/b&gt;", "&amp;amp; &amp;quot; &amp;lt;x&amp;gt;",
    "AT&T & co; &apos;x&apos; &#39;y&#39;", "一个&quot;词&quot;和&amp;", "&QUOT; &quot ;", "a <skipped> b",
    "<skipped>", "<skip<skipped>ped>", "hyphen-\nated", "two\nlines", "-\n- \n-", "a-\n\nb\n",
    "&amp", "&", "&&quot;&", "&lt;skipped&gt;",
    # Full width, half width, CJK punctuation. Forms that editors like to normalise away are escaped.
    "你好\uff0c世界。", "你好,世界.", "“引号”和‘单引号’", "《书名》、〈篇名〉", "\uff11\uff12\uff13\uff0e\uff145",
    "\uff26\uff35ll w\uff49dth\uff0e", "\uff76\uff80\uff76\uff85\uff61カタカナ", "3\uff0c000\uff0e5 2\uff0d3",
    "「日本語」のテスト、です。", "안녕하세요, 세계.", "한국어 문장입니다。", "①②③ ㈠㈡ \u338f\u337f", "\ufe30\ufe35\ufe36\ufe3d",
    "全角\u3000空格", "\u3000开头和结尾\u3000", "中·间 点…… 破折——号", "ㄅㄆㄇ ㆠ", "⺀⻳ \u2f00 ⿰亻尔", "々〆〇",
    "他说\uff1a\u201c好\uff01\u201d\uff08笑\uff09", "100\uff05 \uffe55 \uff037 a\uff06b",
    # Rare CJK: extensions A and B, compatibility, later additions.
    "㐀㒃䶵 䶶", "𠀀𠀁𪛖", "我𠮷野家吃饭", "𠮷 𡃁 𢆡", "\uf900\uf901\uf902 \ufa2d\ufa2e\ufa30", "龥龦龻龼鿿",
    "𪜀𫝀 \U0002f800\U0002fa1d丁", "\ufa6a\ufa6e\ufa70﨑\ufad9\ufada",
    # Symbols, emoji.
    "Great job 👍🏽!", "👩‍👩‍👧‍👦 family", "🇨🇳🇬🇧", "♥☀☃ ✂✈ ➔", "I ❤️ NY", "好😀好", "€5 £6 ©2020 ®", "→⇒∀∑√ ∞≠≤",
    "a—b – c‐d ‑ e", "“curly” ‘quotes’ …", "•bullet ‣ tri", "½ ² ³ ₂ №5", "⩭⩮⪀ ⠓⠑", "𝒳𝓎 𝟘",
    # Other scripts, combining marks, direction marks.
    "Привет, мир! Это 3,5-й тест.", "مرحبا، كيف حالك؟", "שלום, עולם!", "नमस्ते दुनिया।", "ก็ดี", "Ünïcödé naïve café",
    "cafe\u0301 e\u0301\u0302", "İstanbul ıI", "ΟΔΥΣΣΕΥΣ Σ ΑΣ. ΣΑ", "STRASSE Straße ẞ", "ÀÉÎ ÇA", "\u01c8\u01ca \u1f88 \u2126 \u212a \u212b",
    "\u200fabc\u200e \u202adef\u202c", "zero\u200bwidth\ufeff", "soft\u00adhyphen",
    # White space.
    "", " ", "\t", "\u3000", "\n", "a", "好", " x", "x ", "x  y", "trailing space ", "trailing tabs\t\t",
    "  both ends  ", "tab\tin\tthe middle", "no\u00a0break", "thin\u2009space\u202fand\u205fmore",
    "line\u2028and\u2029paragraph", "\u1680ogham\u180emongolian", "file\x1cgroup\x1drecord\x1eunit\x1f",
    "vertical\x0bform\x0cnext\x85line\r", "x.\u3000", "x.\xa0", ".\u2028.", "7\u3000-7", "nul\x00del\x7f\x01",
    # Case.
    "ALL CAPS HERE TODAY", "all caps here today", "MiXeD CaSe", "The END.",
    # Repetition.
    "the the the the the the the", "the cat the cat the cat", "好好好好好好", "哈 哈 哈 哈 哈", "!!!!!!", "......",
    "a a a a a a a a b", "no no, no no, no no no.", "ha-ha-ha-ha", "1 1 1 1 1 1",
]

# Noise: what rules react to, strung together at random.
NOISE = list(" .,-.,-09a1 &;<>/'\"!") + [
    "中", "。", "\uff0c", "“", "—", "\u3000", "\u2003", "\x1c", "\n", "&amp;", "&lt;", "-\n", "𠀀", "é", "٣", "😀", "\x85", "×",
]


def templates(columns, count, rng):
    """`count` distinct sentences, each with one part from each column."""
    sentences = []
    while len(sentences) < count:
        sentence = "".join(rng.choice(column) + (" " if columns is ENGLISH else "") for column in columns).strip()
        if sentence not in sentences:
            sentences.append(sentence)
    return sentences


def perturb(sentence, rng):
    """The sentence with a few words (or characters, where there are no words) changed."""
    separator = " " if sentence.count(" ") > 2 else ""
    units = sentence.split(" ") if separator else list(sentence)
    for _ in range(rng.randrange(0, 4)):
        if not units:
            break
        place = rng.randrange(len(units))
        change = rng.randrange(7)
        if change == 0:
            del units[place]
        elif change == 1:
            other = rng.randrange(len(units))
            units[place], units[other] = units[other], units[place]
        elif change == 2:
            units[place] = rng.choice(["cat", "2-3", "的", "。", "the", "\"", "𠀀"])
        elif change == 3:
            units.insert(place, units[place])
        elif change == 4:
            units[place] = units[place].swapcase()
        elif change == 5:
            units.insert(place, rng.choice([",", " ", ".", "very", "很"]))
        else:
            units = units[: place + 1]
    return separator.join(units) + rng.choice(["", "", "", " ", "\t"])


def corpus(rng):
    """Hypotheses, and for each a list of one or two references."""
    sentences = templates(ENGLISH, 80, rng) + templates(CHINESE, 80, rng) + templates(MIXED, 60, rng) + SPECIAL
    sentences += ["".join(rng.choice(NOISE) for _ in range(rng.randrange(1, 24))) for _ in range(120)]
    hypotheses, references = [], []
    for index, sentence in enumerate(sentences):
        # Some hypotheses are empty, a few are exact, special lines stay as they are more often.
        chance = rng.randrange(20)
        if chance == 0:
            hypothesis = ""
        elif chance < 3 or (sentence in SPECIAL and chance < 12):
            hypothesis = sentence
        else:
            hypothesis = perturb(sentence, rng)
        alternatives = [sentence]
        if index % 3:
            alternatives.append(perturb(sentence, rng))
        hypotheses.append(hypothesis)
        references.append(alternatives)
    return hypotheses, references


def documents(references):
    """References as sacreBLEU wants them: the first of every line, then the second of every line."""
    width = max(len(alternatives) for alternatives in references)
    return [[list(a)[n] if n < len(a) else None for a in references] for n in range(width)]


def bleu_entry(metric, score):
    return {
        "score": score.score,
        "precisions": score.precisions,
        "brevity_penalty": score.bp,
        "hypothesis_length": score.sys_len,
        "reference_length": score.ref_len,
        "text": str(score),
        "signature": str(metric.get_signature()),
    }


def corpus_scores(hypotheses, references):
    """BLEU and chrF of whole corpora under every combination of settings."""
    parts = {
        "one_reference": (hypotheses, [a[:1] for a in references]),
        "two_references": (hypotheses, [(a * 2)[:2] for a in references]),
        "varying_references": (hypotheses, references),
        # Short lines without a match of the longest orders, where smoothing decides.
        "sparse": (["the cat", "a b c d", "好 的", "x y"], [["the dog"], ["a b d c"], ["好 人 的"], ["z"]]),
        "too_short_for_all_orders": (["the cat", "a b"], [["the cat"], ["a c"]]),
        "nothing_in_common": (["a b c d e"], [["v w x y z"]]),
        "empty_hypotheses": (["", " "], [["a b"], ["c"]]),
        "empty_everything": ([""], [[""]]),
    }
    bleu, chrf = [], []
    for part, (part_hypotheses, part_references) in parts.items():
        streams = documents(part_references)
        for tokenizer in TOKENIZERS:
            for smoothing, value in [(name, None) for name in SMOOTHING] + [("floor", 0.25), ("add-k", 0.5)]:
                for lowercase in [False, True]:
                    for effective_order in [False, True]:
                        metric = BLEU(
                            tokenize=tokenizer,
                            smooth_method=smoothing,
                            smooth_value=value,
                            lowercase=lowercase,
                            effective_order=effective_order,
                        )
                        settings = {
                            "part": part,
                            "tokenize": tokenizer,
                            "smoothing": smoothing,
                            "smoothing_value": value,
                            "lowercase": lowercase,
                            "effective_order": effective_order,
                        }
                        score = metric.corpus_score(part_hypotheses, streams)
                        bleu.append(settings | bleu_entry(metric, score))
        for word_order in [0, 2]:
            for lowercase in [False, True]:
                metric = CHRF(word_order=word_order, lowercase=lowercase)
                score = metric.corpus_score(part_hypotheses, streams)
                chrf.append({
                    "part": part,
                    "word_order": word_order,
                    "lowercase": lowercase,
                    "score": score.score,
                    "text": str(score),
                    "signature": str(metric.get_signature()),
                })
    scored = {part: {"hypotheses": h, "references": r} for part, (h, r) in parts.items() if len(h) < len(hypotheses)}
    return {"sacrebleu": sacrebleu.__version__, "small_parts": scored, "bleu": bleu, "chrf": chrf}


def sentence_scores(hypotheses, references):
    """A row a line: BLEU by each tokenizer (exp), BLEU of 13a by each other smoothing, chrF, chrF++."""
    metrics = {f"bleu {name} exp": BLEU(tokenize=name, effective_order=True) for name in TOKENIZERS}
    for smoothing in SMOOTHING[1:]:
        metrics[f"bleu 13a {smoothing}"] = BLEU(tokenize="13a", smooth_method=smoothing, effective_order=True)
    metrics["bleu zh exp lowercase"] = BLEU(tokenize="zh", lowercase=True, effective_order=True)
    metrics["chrf"] = CHRF()
    metrics["chrf++"] = CHRF(word_order=2)
    rows = [
        [metric.sentence_score(hypothesis, alternatives).score for metric in metrics.values()]
        for hypothesis, alternatives in zip(hypotheses, references)
    ]
    return {"columns": list(metrics), "rows": rows}


def tokens(lines):
    """A row a line: the tokens of 13a and of zh, each joined by spaces."""
    tokenizers = [BLEU(tokenize=name) for name in ["13a", "zh"]]
    return [[metric._preprocess_segment(line) for metric in tokenizers] for line in lines]


def character_ranges(tokenizer):
    """[first, last, number of tokens of "xcy"] for every maximal range of code points c."""
    metric = BLEU(tokenize=tokenizer)
    ranges = []
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code <= 0xDFFF:
            continue
        count = len(metric._preprocess_segment(f"x{chr(code)}y").split())
        if ranges and ranges[-1][2] == count and ranges[-1][1] in (code - 1, 0xD7FF):
            ranges[-1][1] = code
        else:
            ranges.append([code, code, count])
    return ranges


def write(name, value, rows=None):
    """Writes JSON; lists (or the lists under the keys `rows`) get a line for every element."""
    def listed(items):
        return "[\n" + ",\n".join(json.dumps(item, ensure_ascii=False) for item in items) + "\n]"

    if rows is None:
        text = listed(value)
    else:
        parts = [
            f"{json.dumps(key)}: {listed(item) if key in rows else json.dumps(item, ensure_ascii=False)}"
            for key, item in value.items()
        ]
        text = "{\n" + ",\n".join(parts) + "\n}"
    (FIXTURES / name).write_text(text + "\n", encoding="utf-8", newline="\n")


def main():
    hypotheses, references = corpus(random.Random(SEED))
    FIXTURES.mkdir(parents=True, exist_ok=True)
    write("hypotheses.json", hypotheses)
    write("references.json", references)
    both = {"hypotheses": tokens(hypotheses), "references": tokens([a[0] for a in references])}
    write("tokens.json", both, rows=["hypotheses", "references"])
    write("sentences.json", sentence_scores(hypotheses, references), rows=["rows"])
    write("corpora.json", corpus_scores(hypotheses, references), rows=["bleu", "chrf"])
    characters = {name: character_ranges(name) for name in TOKENIZERS}
    write("characters.json", characters, rows=[])
    size = sum(path.stat().st_size for path in FIXTURES.iterdir())
    print(f"{len(hypotheses)} lines, {size} bytes, sacreBLEU {sacrebleu.__version__}, Unicode {unicodedata.unidata_version}")


if __name__ == "__main__":
    main()
