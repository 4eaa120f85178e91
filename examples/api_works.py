"""Work with the publications themselves: a reading list by year, from the fields of CSL-JSON."""

import refkit
from refkit.model import Entry

INPUTS = ["examples/library.bib", "examples/manuscript.md"]
result = refkit.enrich(*INPUTS, records=["examples/records.jsonl"], offline=True)


def year(entry: Entry) -> int:
    """The year in which the work was issued, 0 where its record does not say."""
    return int(entry.work.csl.get("issued", {}).get("date-parts", [[0]])[0][0])


for entry in sorted(result.entries, key=year):
    csl = entry.work.csl
    names = [name.get("family") or name.get("literal", "") for name in csl.get("author", [])]
    print(f"{year(entry) or 'n.d.'}  {', '.join(names[:3]) or 'no author'}{' and others' if len(names) > 3 else ''}")
    print(f"      {csl['title']}  [{entry.key}]")
