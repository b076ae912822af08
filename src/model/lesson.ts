/** A lesson of a lab: what to predict, what to mend, how it is checked, and what to say about each way of being wrong. */
import { z } from "zod";
import { exactlyOneError, hasExactlyOne, onlyKey } from "./exactly-one.ts";
import { Expectation, HopPattern, PacketMatch } from "./expectation.ts";
import { InterfaceName, Name } from "./name.ts";
import { Change, Commands, During, Traffic } from "./scenario.ts";

const Command = z
	.strictObject({
		on: Name.describe("Node on which the commands run."),
		run: Commands.describe("Shell commands."),
	})
	.describe("Commands on one node.");
export type Command = z.infer<typeof Command>;

const CommandList = z.union([Command, z.array(Command).min(1)]);

const ChangeList = z.union([Change, z.array(Change).min(1)]);

/** Fields of a frame that can be asked for. */
export const FRAME_FIELDS = [
	"source",
	"destination",
	"outer-source",
	"outer-destination",
	"encapsulation",
	"mss",
	"vni",
] as const;
export type FrameField = (typeof FRAME_FIELDS)[number];

const Frames = z.strictObject({
	at: Name.describe("Node whose capture is read."),
	interface: InterfaceName.describe("Interface the capture is taken on."),
	match: PacketMatch,
});

const answerKinds = {
	backend: z.number().int().min(1).describe("Which backend this request went to, counted from 1."),
	backends: z.literal("count").describe("How many different backends got requests."),
	share: Name.describe("How many requests this backend got."),
	answered: z.literal("count").describe("How many requests were answered."),
	source: z
		.strictObject({ at: z.array(HopPattern).min(1).describe("Backends asked.") })
		.describe("The client address that these backends saw."),
	passes: z
		.strictObject({
			node: Name.describe("Node that is asked about."),
			direction: z.enum(["request", "reply"]).describe("Which way."),
		})
		.describe("Whether the requests or the replies pass a node: yes, no, or some."),
	seen: Frames.describe("Whether such frames are seen at an interface: yes or no."),
	header: Frames.extend({ field: z.enum(FRAME_FIELDS).describe("The field whose value is asked for.") }).describe(
		"What a header of these frames says.",
	),
	output: z
		.strictObject({
			at: Name.describe("Node on which the command runs, after the traffic."),
			run: z.string().min(1).describe("Command whose output is the answer."),
			matches: z
				.string()
				.describe("A regular expression; its first group is the answer. The whole output when left out.")
				.optional(),
		})
		.describe("What a command says."),
} as const;

export type AnswerKind = keyof typeof answerKinds;
export const ANSWER_KINDS = Object.keys(answerKinds) as AnswerKind[];

const Answer = z
	.strictObject({
		backend: answerKinds.backend.optional(),
		backends: answerKinds.backends.optional(),
		share: answerKinds.share.optional(),
		answered: answerKinds.answered.optional(),
		source: answerKinds.source.optional(),
		passes: answerKinds.passes.optional(),
		seen: answerKinds.seen.optional(),
		header: answerKinds.header.optional(),
		output: answerKinds.output.optional(),
	})
	.refine((value) => hasExactlyOne(value, ANSWER_KINDS), exactlyOneError(ANSWER_KINDS))
	.meta({ exactlyOne: ANSWER_KINDS })
	.describe("What is measured to know the right answer.");
export type Answer = z.infer<typeof Answer>;

const Option = z.union([
	z.string().min(1),
	z.strictObject({
		say: z.string().min(1).describe("The option as the student reads it."),
		is: z.string().min(1).describe("The measured value it stands for; `say` when left out.").optional(),
		from: z.number().describe("Smallest number it stands for.").optional(),
		to: z.number().describe("Largest number it stands for.").optional(),
		wrong: z.string().min(10).describe("What to say to somebody who chose it and is wrong.").optional(),
	}),
]);

const Predict = z
	.strictObject({
		question: z.string().min(5).describe("The question; the answer is measured after the student has answered."),
		options: z.array(Option).min(2).max(6).describe("What can be answered. Exactly one must fit what is measured."),
		shown: z
			.number()
			.int()
			.min(1)
			.describe("Requests of the traffic that are sent before the question and whose backends are shown.")
			.optional(),
		hint: z.string().min(10).describe("A nudge for somebody who has no idea.").optional(),
		measure: z
			.strictObject({
				change: ChangeList.describe("Changes made for the measurement and taken back after it.").optional(),
				traffic: Traffic.optional(),
				answer: Answer,
			})
			.describe("The measurement that the answer is graded against."),
	})
	.describe("A prediction, graded against a live measurement.");
export type Predict = z.infer<typeof Predict>;

const PROBE_KINDS = ["equals", "matches", "lacks"];

const Probe = z
	.strictObject({
		at: Name.describe("Node on which the command runs."),
		run: z.string().min(1).describe("Command that shows the state."),
		equals: z
			.string()
			.describe("The hint is meant when the output is this, white space at both ends left out.")
			.optional(),
		matches: z.string().describe("The hint is meant when the output matches this regular expression.").optional(),
		lacks: z.string().describe("The hint is meant when the output does not match this regular expression.").optional(),
	})
	.refine((value) => hasExactlyOne(value, PROBE_KINDS), exactlyOneError(PROBE_KINDS))
	.meta({ exactlyOne: PROBE_KINDS })
	.describe("A look at the student's actual state.");
export type Probe = z.infer<typeof Probe>;

const Hint = z
	.strictObject({
		when: Probe,
		say: z.string().min(10).describe("The hint."),
		wrong: CommandList.describe(
			"Commands that make the wrong state from the one the task starts with, for --as-author; none when it is that one.",
		).optional(),
	})
	.describe("What to say to somebody whose lab is in this state.");
export type Hint = z.infer<typeof Hint>;

const Check = z
	.strictObject({
		change: ChangeList.describe("Changes made for the check and taken back after it.").optional(),
		traffic: Traffic.optional(),
		during: During.optional(),
		expect: z
			.array(Expectation)
			.min(1, "is empty: a check that looks at nothing proves nothing")
			.describe("What must be seen."),
	})
	.describe("Traffic and expectations, as in a phase of a scenario.");
export type Check = z.infer<typeof Check>;

const Task = z
	.strictObject({
		ask: z.string().min(10).describe("What the student is to do."),
		break: CommandList.describe("Commands that put the lab into the broken state.").optional(),
		check: Check.describe("What must be seen when the task is done; red before."),
		hints: z.array(Hint).min(1).describe("Looked at in order; the first whose state is there is said."),
		solve: CommandList.describe("A solution, as commands."),
		leave: CommandList.describe(
			"Commands that bring the lab back to how it was, whatever the student did; not needed when the solution does.",
		).optional(),
	})
	.describe("Something to do in a shell on the nodes.");
export type Task = z.infer<typeof Task>;

const STEP_KINDS = ["predict", "task"];

const LessonStep = z
	.strictObject({
		id: Name.describe("Short name, unique in the lesson; progress is kept by it."),
		title: z.string().min(3).max(70).describe("Heading."),
		text: z
			.string()
			.min(20)
			.describe("What the student reads first. Paragraphs are filled; lines that begin with four spaces are kept."),
		shell: Name.describe("Node in which a shell opens, unless the student picks another."),
		predict: Predict.optional(),
		task: Task.optional(),
		learned: z.string().min(20).describe("What the step has shown; read at its end."),
	})
	.refine((step) => hasExactlyOne(step, STEP_KINDS), exactlyOneError(STEP_KINDS))
	.meta({ exactlyOne: STEP_KINDS })
	.describe("One step of the lesson.");
export type LessonStep = z.infer<typeof LessonStep>;

export const Lesson = z
	.strictObject({
		title: z.string().min(3).max(70).describe("Title of the lesson."),
		goal: z.string().min(20).describe("What the student knows at the end."),
		healthy: Check.describe("What is seen on the lab as it is brought up, and again after every step."),
		steps: z.array(LessonStep).min(1).describe("The steps in order. Each starts and ends with the healthy lab."),
	})
	.describe("A lesson; it stands beside the lab file.");
export type Lesson = z.infer<typeof Lesson>;

/** The kind of an answer that `Answer` has accepted. */
export function answerKind(answer: Answer): AnswerKind {
	return onlyKey(answer, ANSWER_KINDS);
}
