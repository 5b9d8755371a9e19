"""What is done together with the military side 军地协作: joint inquiries and hearings on a clue of its closed list.

Tables: joint_act.
"""
