"""Events in place: every provider's payload gets one flat canonical form beside it."""
