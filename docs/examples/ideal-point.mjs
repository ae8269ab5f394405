// The same task after PAL: responses and users are points of one space, and the nearer response is the better one. A user
// is a mixture of prototypes, weighed by the pairs that the user annotated. (PAL learns space and prototypes; formula from memory.)
const point = (response) => Math.log1p(String(response).split(/\s+/).length);
const prototypes = [Math.log1p(5), Math.log1p(40)]; // a user of terse answers, one of full ones
const distance = (a, b) => (a - b) ** 2;

/** The user's ideal point: between all prototypes where nothing is known. */
function ideal(context) {
  const fit = prototypes.map((prototype) =>
    context.reduce((sum, { chosen, rejected }) => {
      const margin = distance(point(rejected), prototype) - distance(point(chosen), prototype);
      return sum - Math.log1p(Math.exp(-margin));
    }, 0),
  );
  const weights = fit.map((one) => Math.exp(one - Math.max(...fit)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return prototypes.reduce((sum, prototype, k) => sum + (weights[k] / total) * prototype, 0);
}

export default {
  name: "ideal-point",
  asks: ["pointwise"],
  takesContext: true,
  score: (conversations) =>
    conversations.map(({ response, context = [] }) => -distance(point(response), ideal(context))),
};
