"""What a person may ask of their own data 个人信息权利: a copy, a correction, erasure; a lost code given again.

Asked with the code or at the counter, decided by a head who did not register it, journalled, with a term. Table:
`rights_request`, of the room intake; its staff screens stand in the desk.
"""
