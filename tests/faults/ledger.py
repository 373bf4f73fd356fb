"""What writers were told, kept outside the server, and what must therefore be in it.

Each contact belongs to one writer, so its history is a sequence: the states it may be in are the
last acknowledged one and, where an answer never came, the one that was asked for after it.
"""

ABSENT = None


class Ledger:
    def __init__(self):
        self.states = {}  # name of the contact -> the states it may be in; ABSENT: not there
        self.ids = {}     # name -> id, once known

    def ask(self, name, state):
        """A write is about to be sent: from now on both states are possible."""
        self.states[name] = self.states.get(name, [ABSENT])[:1] + [state]

    def settle(self, name, done):
        """Its answer came: it was done, or it surely was not."""
        self.states[name] = [self.states[name][-1 if done else 0]]

    def differences(self, stored):
        """Compares with `stored`, a list of (name, state). Yields a sentence for each fault."""
        seen = {}
        for name, state in stored:
            if name in seen:
                yield f"{name} is stored twice"
            seen[name] = state
        for name, states in self.states.items():
            if seen.get(name, ABSENT) not in states:
                yield f"{name} is {seen.get(name, ABSENT)!r}, may be {states}"
        for name in seen:
            if name not in self.states:
                yield f"{name} was never asked for"

    def adopt(self, stored):
        """What was in doubt is now known."""
        seen = dict(stored)
        self.states = {name: [seen.get(name, ABSENT)] for name in self.states}
