"""What an image may be called during training. Varied wording teaches the words rather than the sentences."""

import random

TEMPLATES = ["{}", "{}", "{}", "a {}", "a picture of a {}", "{} emoji", "{} icon", "{}, {style} style"]


def captions(record, seed, count=10):
    """`count` captions, most of them the name itself; the rest name the style or use the keywords instead."""
    pick = random.Random(f"{seed} {record['concept']} {record['style']}")
    name, tags, style = record["concept"], [t.lower() for t in record["tags"]], record["style"]
    out = [name, f"{name}, {style} style"]
    while len(out) < count:
        if tags and pick.random() < 0.35:
            few = pick.sample(tags, min(len(tags), pick.choice([1, 2, 3])))
            out.append(" ".join([name] * (pick.random() < 0.5) + few))
        else:
            out.append(pick.choice(TEMPLATES).format(name, style=style))
    return out
