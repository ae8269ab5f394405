/** `npm run perf -- scoring|prefix|resume|startup|memory …`; see README.md beside this file. */
const [what, ...rest] = process.argv.slice(2);
process.argv = [process.argv[0]!, process.argv[1]!, ...rest];
switch (what) {
  case "scoring":
    await import("./scoring.ts");
    break;
  case "prefix":
    await import("./prefix.ts");
    break;
  case "resume":
    await import("./resume.ts");
    break;
  case "startup":
    await import("./startup.ts");
    break;
  case "memory":
    await import("./memory.ts");
    break;
  default:
    throw new Error("one of: scoring, prefix, resume, startup, memory");
}
