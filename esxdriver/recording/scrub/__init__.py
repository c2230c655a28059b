"""What is taken out of a recording: secrets always, names and addresses on demand.

1. Tables say which elements, options and texts hold secrets (``secrets``); which options do is one table with what
   dumps leave out (``conf.mapping.option_secrets``). Unknown elements are kept, unknown bodies are refused.
2. Two walks over all calls (``scrub``): the first collects what the tables name, the second replaces it, there and
   wherever else it stands. What is a placeholder already stays, so that scrubbing twice is scrubbing once.
3. What must join up afterwards (session keys, serial numbers) has the same placeholder everywhere; of a password not
   even equality is left (``placeholders``).
4. Then each secret is searched for in what would be written, in every encoding (``scan``). What is no secret by itself,
   as TRUE or 0, was taken out where it stood and is not searched for; a plain word is, where a text calls it a password
   (``searched``).
5. Pseudonyms (``pseudonyms``) are for what the site has named: collected where the schema says so (``naming``),
   replaced wherever it stands as a word of its own (``names``), with addresses (``addresses``) and with identifiers
   that are unique in the world (``identifiers``).
6. Every pattern reads a text once: texts come from guests, and from files of others.
"""
