"""Turn the DOIs of a manuscript into BibTeX, from records on disk; leave out `offline=True` to ask Crossref."""

import sys

import refkit

result = refkit.enrich("examples/manuscript.md", records=["examples/records.jsonl"], offline=True)

print(result.text, end="")

for row in result.report.works:
    if row.key is None:  # not found, or it could not be asked: the row says which, and why
        print(f"no entry for {row.answer.asked}: {row.answer.why}", file=sys.stderr)
print(f"{len(result.entries)} entries", file=sys.stderr)
