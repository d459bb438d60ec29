/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reader of the instruction set tests, isa_parse.h. Strict: a word it does not
 * know, a label without a place, a case without an expectation are errors.
 */
#include "isa_parse.h"
#include "opcodes.h"

/* ------------------------------------------------------------------ one line */

struct line {
	const char *at, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == ',';
}

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool same_lower(const char *word, const char *name)
{
	while (*word && *word == lower(*name))
		word++, name++;
	return !*word && !*name;
}

/* The next line without comment; false at the end of the text. */
static bool next_line(struct isa_parser *parser, struct line *line)
{
	size_t start = parser->pos, end;

	if (start >= parser->len)
		return false;
	for (end = start; end < parser->len && parser->text[end] != '\n'; end++)
		;
	parser->pos = end + 1;
	parser->line++;
	line->at = parser->text + start;
	for (line->end = line->at; line->end < parser->text + end && *line->end != '#'; line->end++)
		;
	return true;
}

/* The next word of a line into `word`; false if there is none (or it is too long). */
static bool next_word(struct line *line, char word[ISA_MAX_TEXT])
{
	size_t len = 0;

	while (line->at < line->end && is_space(*line->at))
		line->at++;
	while (line->at < line->end && !is_space(*line->at) && len < ISA_MAX_TEXT - 1)
		word[len++] = *line->at++;
	word[len] = 0;
	return len && len < ISA_MAX_TEXT - 1;
}

/* The rest of a line, without spaces around it. */
static bool rest(struct line *line, char text[ISA_MAX_TEXT])
{
	size_t len = 0;

	while (line->at < line->end && is_space(*line->at))
		line->at++;
	while (line->at < line->end && len < ISA_MAX_TEXT - 1)
		text[len++] = *line->at++;
	while (len && is_space(text[len - 1]))
		len--;
	text[len] = 0;
	return len;
}

/* ------------------------------------------------------------------- numbers */

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Decimal or 0x hex, with a sign; wraps like the 64-bit number it is. */
static bool number(const char *word, uint64_t *value)
{
	bool negative = *word == '-';
	uint64_t base = 10, sum = 0;

	if (*word == '-' || *word == '+')
		word++;
	if (word[0] == '0' && word[1] == 'x') {
		base = 16;
		word += 2;
	}
	if (!*word)
		return false;
	for (; *word; word++) {
		if ((uint64_t)digit_of(*word) >= base)
			return false;
		sum = sum * base + (uint64_t)digit_of(*word);
	}
	*value = negative ? -sum : sum;
	return true;
}

static bool next_number(struct line *line, uint64_t *value)
{
	char word[ISA_MAX_TEXT];

	return next_word(line, word) && number(word, value);
}

/* An immediate: anything that is a 32-bit number, signed or not. */
static bool next_imm(struct line *line, struct bpf_insn *insn)
{
	uint64_t value;

	if (!next_number(line, &value) || (value > UINT32_MAX && value < (uint64_t)INT32_MIN))
		return false;
	insn->imm = (int32_t)(uint32_t)value;
	return true;
}

/* r0 to r15: tests of the structural check want the wrong ones too. */
static bool reg_of(const char *word, uint8_t *reg)
{
	uint64_t value;

	if (*word != 'r' || !number(word + 1, &value) || value > 15)
		return false;
	*reg = (uint8_t)value;
	return true;
}

static bool next_reg(struct line *line, uint8_t *reg)
{
	char word[ISA_MAX_TEXT];

	return next_word(line, word) && reg_of(word, reg);
}

/* [rN], [rN+off], [rN-off] */
static bool next_mem(struct line *line, uint8_t *reg, struct bpf_insn *insn)
{
	char word[ISA_MAX_TEXT], name[4];
	uint64_t value = 0;
	size_t i = 0, end = 0;

	if (!next_word(line, word) || word[0] != '[')
		return false;
	while (word[end])
		end++;
	if (word[--end] != ']')
		return false;
	word[end] = 0;
	for (i = 0; i < 3 && word[i + 1] && word[i + 1] != '+' && word[i + 1] != '-'; i++)
		name[i] = word[i + 1];
	name[i] = 0;
	if (!reg_of(name, reg) || (word[i + 1] && !number(word + i + 1, &value)))
		return false;
	if (value + 32768 > 65535)
		return false;
	insn->off = (int16_t)value;
	return true;
}

/* Hex bytes, white space anywhere between them. */
static bool hex_bytes(struct line *line, uint8_t *bytes, uint32_t *count, uint32_t max)
{
	char word[ISA_MAX_TEXT];

	while (next_word(line, word))
		for (size_t i = 0; word[i]; i += 2) {
			if (digit_of(word[i]) > 15 || digit_of(word[i + 1]) > 15 || *count == max)
				return false;
			bytes[(*count)++] = (uint8_t)(digit_of(word[i]) << 4 | digit_of(word[i + 1]));
		}
	return true;
}

/* -------------------------------------------------------------------- labels */

static bool label_of(struct isa_parser *parser, const char *name, uint32_t *label)
{
	for (*label = 0; *label < parser->nr_labels; (*label)++)
		if (same(parser->labels[*label].name, name))
			return true;
	if (parser->nr_labels == ISA_MAX_LABELS)
		return false;
	for (size_t i = 0; i < ISA_MAX_TEXT; i++)
		parser->labels[*label].name[i] = name[i];
	parser->labels[*label].defined = false;
	parser->nr_labels++;
	return true;
}

static void set_distance(struct bpf_insn *insn, int64_t distance)
{
	if (insn->code == (BPF_JMP32 | BPF_JA) || insn->code == (BPF_JMP | BPF_CALL))
		insn->imm = (int32_t)distance;
	else
		insn->off = (int16_t)distance;
}

static bool next_target(struct isa_parser *parser, struct isa_case *out, struct line *line)
{
	struct bpf_insn *insn = &out->insns[out->count];
	char word[ISA_MAX_TEXT];
	uint64_t distance;
	uint32_t label;

	if (!next_word(line, word))
		return false;
	if (word[0] == '+' || word[0] == '-') {
		if (!number(word, &distance))
			return false;
		set_distance(insn, (int64_t)distance);
		return true;
	}
	if (!label_of(parser, word, &label))
		return false;
	parser->fixup[out->count] = (uint16_t)(label + 1);
	return true;
}

static bool define_label(struct isa_parser *parser, struct isa_case *out, char *word, size_t len)
{
	uint32_t label;

	word[len - 1] = 0;
	if (!label_of(parser, word, &label) || parser->labels[label].defined)
		return false;
	parser->labels[label].defined = true;
	parser->labels[label].slot = out->count;
	return true;
}

static bool resolve_labels(struct isa_parser *parser, struct isa_case *out)
{
	for (uint32_t i = 0; i < parser->nr_labels; i++)
		if (!parser->labels[i].defined)
			return false;
	for (uint32_t i = 0; i < out->count; i++)
		if (parser->fixup[i])
			set_distance(&out->insns[i],
				     (int64_t)parser->labels[parser->fixup[i] - 1].slot - (int64_t)i - 1);
	return true;
}

/* -------------------------------------------------------------- instructions */

static const struct ebpf_opcode *opcode_named(const char *word)
{
	for (unsigned int i = 0; i < EBPF_NR_OPS; i++)
		if (same_lower(word, ebpf_opcodes[i].name))
			return &ebpf_opcodes[i];
	return 0;
}

static bool operands(struct isa_parser *parser, struct isa_case *out, struct line *line, unsigned int form)
{
	struct bpf_insn *insn = &out->insns[out->count];
	uint8_t dst = 0, src = insn->src_reg;
	uint64_t wide;
	bool ok = true;

	switch (form) {
	case EBPF_FORM_ALU_K:
		ok = next_reg(line, &dst) && next_imm(line, insn);
		break;
	case EBPF_FORM_ALU_X:
		ok = next_reg(line, &dst) && next_reg(line, &src);
		break;
	case EBPF_FORM_NEG:
	case EBPF_FORM_END:
		ok = next_reg(line, &dst);
		break;
	case EBPF_FORM_LDX:
	case EBPF_FORM_LDACQ:
		ok = next_reg(line, &dst) && next_mem(line, &src, insn);
		break;
	case EBPF_FORM_ST:
		ok = next_mem(line, &dst, insn) && next_imm(line, insn);
		break;
	case EBPF_FORM_STX:
	case EBPF_FORM_ATOMIC:
	case EBPF_FORM_FETCH:
	case EBPF_FORM_CMPXCHG:
	case EBPF_FORM_STREL:
		ok = next_mem(line, &dst, insn) && next_reg(line, &src);
		break;
	case EBPF_FORM_LDDW:
		ok = next_reg(line, &dst) && next_number(line, &wide) && out->count + 1 < ISA_MAX_INSNS;
		if (ok) {
			insn->imm = (int32_t)(uint32_t)wide;
			insn[1] = (struct bpf_insn){.imm = (int32_t)(uint32_t)(wide >> 32)};
			parser->fixup[++out->count] = 0;
		}
		break;
	case EBPF_FORM_JA:
	case EBPF_FORM_JA32:
	case EBPF_FORM_MAY_GOTO:
	case EBPF_FORM_CALL_LOCAL:
		ok = next_target(parser, out, line);
		break;
	case EBPF_FORM_JMP_K:
		ok = next_reg(line, &dst) && next_imm(line, insn) && next_target(parser, out, line);
		break;
	case EBPF_FORM_JMP_X:
		ok = next_reg(line, &dst) && next_reg(line, &src) && next_target(parser, out, line);
		break;
	case EBPF_FORM_CALL:
		ok = next_imm(line, insn);
		break;
	}
	insn->dst_reg = dst & 15;
	insn->src_reg = src & 15;
	return ok;
}

static const char *instruction(struct isa_parser *parser, struct isa_case *out, const char *word, struct line *line)
{
	const struct ebpf_opcode *opcode = opcode_named(word);
	struct bpf_insn *insn = &out->insns[out->count];

	if (!opcode)
		return "unknown mnemonic";
	if (out->count == ISA_MAX_INSNS)
		return "program is too long";
	*insn = (struct bpf_insn){.code = opcode->code};
	parser->fixup[out->count] = 0;
	if (opcode->field == EBPF_FIELD_OFF)
		insn->off = opcode->value;
	if (opcode->field == EBPF_FIELD_IMM)
		insn->imm = opcode->value;
	if (opcode->field == EBPF_FIELD_SRC)
		insn->src_reg = opcode->value & 15;
	if (!operands(parser, out, line, opcode->form))
		return "bad operands";
	out->count++;
	return 0;
}

static const char *raw_instructions(struct isa_parser *parser, struct isa_case *out, struct line *line)
{
	uint32_t bytes = 0, max = (ISA_MAX_INSNS - out->count) * 8;

	if (!hex_bytes(line, (uint8_t *)&out->insns[out->count], &bytes, max) || !bytes || bytes % 8)
		return "bad instruction bytes";
	for (; bytes; bytes -= 8)
		parser->fixup[out->count++] = 0;
	return 0;
}

/* ---------------------------------------------------------------- directives */

static const char *directive(struct isa_parser *parser, struct isa_case *out, const char *word, struct line *line)
{
	uint64_t value;

	if (same(word, ".mem"))
		return hex_bytes(line, out->mem, &out->mem_size, ISA_MAX_MEM) ? 0 : "bad memory bytes";
	if (same(word, ".hex"))
		return raw_instructions(parser, out, line);
	if (same(word, ".refused"))
		return rest(line, out->refused) ? 0 : ".refused without a reason";
	if (same(word, ".stopped"))
		return rest(line, out->stopped) ? 0 : ".stopped without a reason";
	if (same(word, ".readonly") || same(word, ".checked")) {
		*(word[1] == 'r' ? &out->readonly : &out->checked_only) = true;
		return 0;
	}
	if (!next_number(line, &value))
		return "unknown directive, or no number after it";
	if (same(word, ".result")) {
		out->has_result = true;
		out->result = value;
	} else if (same(word, ".executed")) {
		out->has_executed = true;
		out->executed = (int64_t)value;
	} else if (same(word, ".budget")) {
		out->budget = (int64_t)value;
	} else {
		return "unknown directive";
	}
	return 0;
}

static const char *expectation(const struct isa_case *out)
{
	if (!out->has_result && !out->refused[0] && !out->stopped[0])
		return "case expects nothing";
	if (out->has_result + !!out->refused[0] + !!out->stopped[0] > 1)
		return "case expects several things";
	return out->count ? 0 : "case without a program";
}

static const char *one_line(struct isa_parser *parser, struct isa_case *out, struct line *line)
{
	char word[ISA_MAX_TEXT];
	size_t len = 0;
	const char *error;

	if (!next_word(line, word))
		return line->at < line->end ? "word is too long" : 0;
	while (word[len])
		len++;
	if (word[len - 1] == ':')
		error = define_label(parser, out, word, len) ? 0 : "label is defined twice, or there are too many";
	else if (word[0] == '.')
		error = directive(parser, out, word, line);
	else
		error = instruction(parser, out, word, line);
	if (!error && next_word(line, word))
		error = "something is left at the end of the line";
	return error;
}

/* Up to the line that opens a case; its name goes to `name`. 1, 0 at the end, -1. */
static int find_case(struct isa_parser *parser, char name[ISA_MAX_TEXT])
{
	char word[ISA_MAX_TEXT];
	struct line line;

	while (next_line(parser, &line)) {
		if (!next_word(&line, word))
			continue;
		if (same(word, ".case") && rest(&line, name))
			return 1;
		parser->error = "expected .case NAME";
		return -1;
	}
	return 0;
}

void isa_parse_begin(struct isa_parser *parser, const char *text, size_t len)
{
	parser->text = text;
	parser->len = len;
	parser->pos = 0;
	parser->line = 0;
	parser->error = 0;
}

/* Does the next case open on the line at parser->pos? */
static bool case_opens(const struct isa_parser *parser)
{
	struct isa_parser ahead = {.text = parser->text, .len = parser->len, .pos = parser->pos};
	char word[ISA_MAX_TEXT];
	struct line line;

	return next_line(&ahead, &line) && next_word(&line, word) && same(word, ".case");
}

int isa_parse_next(struct isa_parser *parser, struct isa_case *out)
{
	struct line line;
	int found;

	*out = (struct isa_case){.count = 0};
	parser->nr_labels = 0;
	found = find_case(parser, out->name);
	if (found <= 0)
		return found;
	while (!case_opens(parser) && next_line(parser, &line)) {
		parser->error = one_line(parser, out, &line);
		if (parser->error)
			return -1;
	}
	parser->error = expectation(out);
	if (!parser->error && !resolve_labels(parser, out))
		parser->error = "label is used but not defined";
	return parser->error ? -1 : 1;
}
