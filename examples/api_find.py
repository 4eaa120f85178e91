"""List the DOIs of a manuscript: where each stands, how sure it is, and why it was read as it was. Needs no network."""

import refkit

report = refkit.find("examples/manuscript.md")

for document in report.documents:
    if document.findings is None:
        print(f"{document.path}: {document.error}")
        continue
    for mention in document.findings.mentions:
        print(f"{mention.place:8} {mention.confidence:4.0%}  {mention.doi}  ({mention.why})")
