"""Why a profile says what it says: the change that made it so, what led to it, and what came before."""
