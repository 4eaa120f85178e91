"""The same two works as RIS and as CSL-JSON, and what happens to a DOI that nobody knows."""

import refkit

DOIS = ["10.1038/171737a0", "https://doi.org/10.1016/j.cell.2012.11.024", "10.5555/nobody.knows.this"]

for name in ("ris", "csljson"):
    result = refkit.enrich(*DOIS, records=["examples/records.jsonl"], offline=True, format=name)
    print(f"--- {name}\n{result.text}", end="")

for row in result.report.as_json()["works"]:
    print(row["asked"], row["answer"], row["reason"] or row["key"])
