/** `lab completion`: scripts made from the command tree, so that they cannot lag behind it. */
import { LabError } from "../model/error.ts";
import type { CliContext, VerbWords } from "./cli-context.ts";

export async function completion(context: CliContext, args: string[]): Promise<number> {
	const verbs = context.verbs();
	const make = { bash, zsh, fish }[args[0] ?? ""];
	if (!make) {
		throw new LabError("input", `no completion for the shell "${args[0]}"`, {
			code: "unknown-shell",
			hint: "One of: bash, zsh, fish",
		});
	}
	context.stdout.write(make(verbs));
	return 0;
}

/** Verbs whose argument is a lab of the project, and those whose argument is an instance. */
const LAB_VERBS = ["up", "test", "script", "validate", "doctor"];
const INSTANCE_VERBS = ["down", "inspect"];
const NODE_VERBS = ["exec", "shell", "logs"];
const NAMES = `lab list -f json 2>/dev/null | sed -n 's/^\\t\\t"name": "\\(.*\\)",$/\\1/p'`;
const INSTANCES = `lab ps -f json 2>/dev/null | sed -n 's/^\\t\\t"instance": "\\(.*\\)",$/\\1/p' | sort -u`;
const NODES = `lab ps -f json 2>/dev/null | sed -n 's/^\\t\\t"node": "\\(.*\\)",$/\\1/p' | sort -u`;

function bash(verbs: VerbWords[]): string {
	const flagCases = verbs.map(({ name, flags }) => `\t\t${name}) flags="${flags.join(" ")}" ;;`).join("\n");
	return `_lab() {
	local word=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} flags=""
	if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${verbs.map(({ name }) => name).join(" ")}" -- "$word")); return; fi
	case $verb in
${flagCases}
	esac
	case $word in -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;; esac
	case $verb in
		${LAB_VERBS.join("|")}) COMPREPLY=($(compgen -W "$(${NAMES})" -- "$word")) ;;
		${INSTANCE_VERBS.join("|")}) COMPREPLY=($(compgen -W "$(${INSTANCES})" -- "$word")) ;;
		${NODE_VERBS.join("|")}) COMPREPLY=($(compgen -W "$(${NODES})" -- "$word")) ;;
	esac
}
complete -o default -F _lab lab ./lab
`;
}

function zsh(verbs: VerbWords[]): string {
	return `#compdef lab\nautoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`;
}

function fish(verbs: VerbWords[]): string {
	const lines = ["complete -c lab -f"];
	for (const { name, summary, flags } of verbs) {
		lines.push(`complete -c lab -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", "\\'")}'`);
		for (const flag of flags)
			lines.push(`complete -c lab -n '__fish_seen_subcommand_from ${name}' -l ${flag.replace(/^--/, "")}`);
	}
	const dynamic = [
		[LAB_VERBS, NAMES],
		[INSTANCE_VERBS, INSTANCES],
		[NODE_VERBS, NODES],
	] as const;
	for (const [names, command] of dynamic) {
		lines.push(
			`complete -c lab -n '__fish_seen_subcommand_from ${names.join(" ")}' -a '(${command.replaceAll("'", "\\'")})'`,
		);
	}
	return `${lines.join("\n")}\n`;
}
