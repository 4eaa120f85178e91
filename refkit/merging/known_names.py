"""Names that no rule derives from one another: astronomers' macros for journals, publishers and their imprints."""

from __future__ import annotations

MACROS = {
    "aj": "Astronomical Journal", "apj": "Astrophysical Journal", "apjl": "Astrophysical Journal Letters",
    "apjs": "Astrophysical Journal Supplement Series", "aap": "Astronomy and Astrophysics",
    "aaps": "Astronomy and Astrophysics Supplement Series", "aapr": "Astronomy and Astrophysics Reviews",
    "araa": "Annual Review of Astronomy and Astrophysics", "actaa": "Acta Astronomica",
    "apss": "Astrophysics and Space Science", "baas": "Bulletin of the American Astronomical Society",
    "icarus": "Icarus", "jcap": "Journal of Cosmology and Astroparticle Physics",
    "jgr": "Journal of Geophysical Research", "grl": "Geophysical Research Letters",
    "mnras": "Monthly Notices of the Royal Astronomical Society", "nat": "Nature", "na": "New Astronomy",
    "nar": "New Astronomy Reviews", "pasa": "Publications of the Astronomical Society of Australia",
    "pasj": "Publications of the Astronomical Society of Japan",
    "pasp": "Publications of the Astronomical Society of the Pacific", "physrep": "Physics Reports",
    "planss": "Planetary and Space Science", "pra": "Physical Review A", "prb": "Physical Review B",
    "prc": "Physical Review C", "prd": "Physical Review D", "pre": "Physical Review E",
    "prl": "Physical Review Letters", "rmxaa": "Revista Mexicana de Astronomía y Astrofísica",
    "solphys": "Solar Physics", "ssr": "Space Science Reviews", "ao": "Applied Optics",
    "procspie": "Proceedings of SPIE",
}  # fmt: skip
"""The macros by which astronomers' libraries name journals. Source: AASTeX 6.31 guide, §2.13."""

HOUSES = tuple(
    tuple(row.split(" · "))
    for row in (
        "springer · nature · biomed central · bmc · palgrave · apress · birkhauser · physica · kluwer",
        "wiley · blackwell · jossey bass",
        "elsevier · academic press · pergamon · north holland · cell press · churchill livingstone · mosby · saunders"
        " · butterworth · lancet",
        "informa · taylor and francis · taylor francis · routledge · crc · chapman and hall · psychology press"
        " · erlbaum",
        "association for computing machinery · acm",
        "institute of electrical and electronics engineers · ieee",
        "oxford university press · oup",
        "cambridge university press · cup",
        "american chemical society · acs",
        "royal society of chemistry · rsc",
        "american physical society · aps",
        "american institute of physics · aip",
        "institute of physics · iop",
        "public library of science · plos",
        "multidisciplinary digital publishing institute · mdpi",
        "ovid · lippincott · wolters kluwer · williams and wilkins",
        "american medical association · ama",
        "american psychological association · apa",
        "institution of engineering and technology · iet",
        "society for industrial and applied mathematics · siam",
        "association for computational linguistics · acl",
        "national academy of sciences · pnas · proceedings of the national academy",
        "de gruyter · saur · oldenbourg",
        "thieme · georg thieme",
        "mary ann liebert · liebert",
    )
)
"""Publishers by the names that they, their imprints and registries use (a registry names who pays for the DOI)."""
