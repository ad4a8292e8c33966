"""What leaves the application as a file: one atomic writer, the formats, and what can be exported.

    from seam_core import store
    from seam_core.exports.registry import export
    export(store.load("my_session"), "sites", "sites.csv")

`files`, `tables` and `arrays` write any text, table or array and know nothing of sessions;
`material` is what a session and the user's hand work make together; `registry` lists the exports.
"""
