"""List the DOIs of a manuscript: where each stands, and why it was read as it was. Needs no network."""

import refkit

report = refkit.find("examples/manuscript.md")

for document in report.documents:
    if document.findings is None:
        print(f"{document.path}: {document.error}")
        continue
    for mention in document.findings.mentions:
        print(f"{mention.confidence:4.0%}  {mention.role:9}  {mention.doi}")
        if mention.written.lower() != mention.doi:
            print(f"      written {mention.written!r}: {mention.why}")
