"""A generated language whose entropy rate, the floor of every next-word loss, is known exactly.

A second-order Markov chain: the next word depends on the two before it. Word frequencies
follow Zipf's law; which word follows which pair is set by vectors of the words, so that a
neural network can learn the rule instead of a table of all pairs.

>>> language = zipf_language()
>>> bool(0 < language.entropy < np.log(language.words))
True
"""

from __future__ import annotations

from bisect import bisect
from dataclasses import dataclass
from functools import cached_property

import numpy as np

_WORDS, LENGTH = 24, 8  # size of the vocabulary, length of the words' vectors
SHARPNESS = 0.5  # how strongly the two words before decide the next
_SEED = 1948  # of the vectors


@dataclass(frozen=True, eq=False)
class Language:
    """A source of words.

    Attributes
    ----------
    following : ndarray, shape (v, v, v)
        Probability of word k after the words i, j.
    """

    following: np.ndarray

    @property
    def words(self):
        """Size of the vocabulary."""
        return len(self.following)

    @cached_property
    def pairs(self):
        """Stationary probability of each pair of neighbours, shape (v, v), by power iteration."""
        pairs = np.full(self.following.shape[:2], 1 / self.words**2)
        for _ in range(10_000):
            pairs, last = np.einsum("ij,ijk->jk", pairs, self.following), pairs
            if np.abs(pairs - last).sum() < 1e-15:
                break
        return pairs / pairs.sum()

    @cached_property
    def entropy(self):
        """Entropy rate, nats a word (Shannon 1948, section 7): no model's loss can be lower."""
        return self.loss(self.following)

    @cached_property
    def best_error(self):
        """Share of next words that even the best single guess misses."""
        return self.error(self.following)

    def loss(self, predicted):
        """Exact expected cross-entropy of a model, nats a word.

        Parameters
        ----------
        predicted : ndarray, shape (v, v, v)
            The model's probability of word k after i, j.
        """
        return float(-np.einsum("ij,ijk,ijk->", self.pairs, self.following, np.log(predicted)))

    def error(self, predicted):
        """Exact share of next words that a model's likeliest guess misses; shapes as in `loss`."""
        right = np.take_along_axis(self.following, predicted.argmax(axis=2)[..., None], 2)[..., 0]
        return float(1 - (self.pairs * right).sum())

    def sample(self, n, rng):
        """Draw `n` words, shape (n,); a longer sample from the same `rng` begins with a shorter one."""
        pair = rng.choice(self.words**2, p=self.pairs.ravel())
        before, last = divmod(int(pair), self.words)
        cumulative, drawn = self._cumulative, np.empty(n, int)
        for place, u in enumerate(rng.random(n)):
            before, last = last, bisect(cumulative[before][last], u)
            drawn[place] = last
        return drawn

    @cached_property
    def _cumulative(self):
        # without the last value, which rounding may leave just below 1
        return self.following.cumsum(axis=2)[..., :-1].tolist()


def zipf_language(order=None):
    """Return the language of the experiments, or a relative of it.

    Parameters
    ----------
    order : int, optional
        Seed that reassigns the frequencies of the words. The relative has the same
        vectors, hence the same kinship between words, but other words are common.
    """
    rng = np.random.default_rng(_SEED)
    first, second, after = (rng.standard_normal((_WORDS, LENGTH)) for _ in range(3))
    ranks = np.arange(1, _WORDS + 1)
    if order is not None:
        ranks = np.random.default_rng(order).permutation(ranks)
    scores = SHARPNESS * np.tanh(first[:, None] + second) @ after.T - np.log(ranks)
    following = np.exp(scores)
    return Language(following / following.sum(axis=2, keepdims=True))
