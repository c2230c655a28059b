"""The files of recorded sessions: what they hold, how a call finds its answer, and what is refused.

1. A call is known by its operation, object and arguments, in a canonical form (``match``): host names, cookies,
   versions and times are no part of it, and an id that a session owns is called after the call that made it.
2. A call changes the host, reads it, or asks for what never changes. A state of the host is the changes made so far, in
   order (``states``), and an answer to a reading holds in the state in which it was recorded, and in no other.
3. Equal readings replay in recorded order, the last one again and again; a change replays as often as it was made.
   Updates that are waited for come in order and each once (``updates``).
4. What was not recorded in that state is a miss: an error with the closest call and what differs (``miss``).
5. A session that would add readings to a state which a change in the file has left is refused: the host may have moved
   on (``Cassette.close``); ``states.out_of_state`` finds files in which that has happened.
6. A file of somebody else's is input that nobody vouches for (``files``): its kind, size, depth and counts are checked
   before anything is built from it.
7. What is written has been scrubbed, and searched for the secrets that were found (``save``): there is no other way to
   the disk, and a file is written whole or not at all.
"""
