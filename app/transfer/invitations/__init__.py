"""People from outside are asked for help with a clue: volunteers 益心为公志愿者 consult 专业咨询 or look again 跟踪观察.

They read what was chosen for them, never the clue; once withdrawn or past its day nothing of it is there for them.
Tables: invitation, invitation_picture, invitation_answer.
"""
