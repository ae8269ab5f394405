// A user-conditioned reward model: `rmbench run --model ./user-conditioned.mjs --suite users.arrow --context-pairs 0,2,8`.
// Users like either long answers or short ones. Which, it infers from the pairs that they annotated, as Variational
// Preference Learning does with a learnt encoder; the reward is a mean and a standard deviation over what it believes.

/** Of a user who likes long answers; one who likes short ones has its negative. */
const reward = (response) => Math.log1p(String(response).split(/\s+/).length);

/** P(the user likes long answers | context), by Bradley and Terry with an even prior: 1/2 without context. */
function belief(context) {
  const logOdds = context.reduce((sum, { chosen, rejected }) => sum + reward(chosen) - reward(rejected), 0);
  return 1 / (1 + Math.exp(-logOdds));
}

export default {
  name: "long-or-short",
  asks: ["pointwise"],
  takesContext: true,
  score: (conversations) =>
    conversations.map(({ response, context = [] }) => {
      const p = belief(context);
      const r = reward(response);
      // 0.01: what is uncertain of a reward whoever the user is.
      return { value: (2 * p - 1) * r, std: Math.sqrt(4 * p * (1 - p) * r * r + 0.01) };
    }),
};
