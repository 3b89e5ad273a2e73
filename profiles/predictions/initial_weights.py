"""Initial weights of the tasks, by input name: priors from published figures, for a shop without labels."""

from collections.abc import Mapping

from liveprofile.models.learners.initial_weights import InitialWeights

STARTS: Mapping[str, InitialWeights] = {
    "purchase.session": InitialWeights(
        -3.7, {"session_cart": (0.0, 2.5, 4.0), "session_focus": (-0.8, -0.4, 0.0, 0.4, 0.8)}
    ),
}
"""By task. 2 to 3% of a shop's visits end in an order, and 3 in 10 of those with a cart (70% are abandoned: the mean of
some 50 studies that the Baymard Institute lists), so one thing in the cart adds 2.5 to the logarithm of the
odds, and three add 4. Shoppers who intend to buy view one category repeatedly (Moe, Journal of Consumer Psychology
13, 2003): this weight was tuned on the first half of the period of the REES46 sample.
"""
