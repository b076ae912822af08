/** `lab completion`: scripts made from the command tree, so that they cannot lag behind it. */
import { LabError } from "../model/error.ts";
import type { CliContext, VerbWords } from "./cli-context.ts";
import type { Completes } from "./verb.ts";

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

/** A field of every row that lab prints as indented JSON; `\\t` in sed is GNU's alone. */
function field(verb: string, name: string): string {
	return `lab ${verb} -f json 2>/dev/null | sed -n 's/^[[:space:]]*"${name}": "\\([^"]*\\)",$/\\1/p' | sort -u`;
}

const NAMES = {
	labs: field("list", "name"),
	instances: field("ps", "instance"),
	nodes: field("ps", "node"),
};

/** The shell words that print what an argument may be. */
function wordsCommand(completes: Completes): string {
	return typeof completes === "string" ? NAMES[completes] : `echo ${completes.join(" ")}`;
}

function bash(verbs: VerbWords[]): string {
	const reply = (words: string) => `COMPREPLY=($(compgen -W "${words}" -- "$word"))`;
	const verbCases = verbs.flatMap((verb) => {
		const valued = verb.flags.filter((flag) => flag.takesValue);
		return [
			`\t\t${verb.names.join("|")})`,
			...(valued.length > 0 ? ["\t\t\tcase $before in"] : []),
			...valued.map((flag) => `\t\t\t\t${flag.names.join("|")}) ${reply(flag.values.join(" "))}; return ;;`),
			...(valued.length > 0 ? ["\t\t\tesac"] : []),
			`\t\t\tcase $word in -*) ${reply(verb.flags.flatMap((flag) => flag.names).join(" "))}; return ;; esac`,
			...(verb.completes.length > 0 ? [`\t\t\t${reply(`$(${wordsCommand(verb.completes)})`)}`] : []),
			"\t\t\t;;",
		];
	});
	return `_lab() {
	local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		${reply([...verbs.flatMap(({ names }) => names), "--help", "--version"].join(" "))}
		return
	fi
	case \${COMP_WORDS[1]} in
${verbCases.join("\n")}
	esac
}
complete -o default -F _lab lab ./lab
`;
}

function zsh(verbs: VerbWords[]): string {
	return `#compdef lab\nautoload -U +X bashcompinit && bashcompinit\n${bash(verbs)}`;
}

function fish(verbs: VerbWords[]): string {
	const text = (words: string) => `'${words.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
	const lines = ["complete -c lab -f"];
	for (const { names, summary, flags, completes } of verbs) {
		const within = `complete -c lab -n '__fish_seen_subcommand_from ${names.join(" ")}'`;
		lines.push(`complete -c lab -n __fish_use_subcommand -a ${text(names.join(" "))} -d ${text(summary)}`);
		for (const { names: spellings, takesValue, values } of flags) {
			const words = spellings.map((name) => (name.startsWith("--") ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
			const value = takesValue ? ` -r${values.length > 0 ? ` -a ${text(values.join(" "))}` : ""}` : "";
			lines.push(`${within} ${words.join(" ")}${value}`);
		}
		if (completes.length > 0) lines.push(`${within} -a ${text(`(${wordsCommand(completes)})`)}`);
	}
	return `${lines.join("\n")}\n`;
}
