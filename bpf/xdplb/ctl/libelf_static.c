// SPDX-License-Identifier: (MIT OR GPL-2.0-only)
/*
 * The static libelf of elfutils 0.192 (Debian 13) was shipped without its own
 * helper library: eu_search_tree_init and _fini are undefined (elfutils bug
 * 32293, https://sourceware.org/bugzilla/show_bug.cgi?id=32293). They keep a
 * tree for elf_getdata_rawchunk, which libbpf does not call, in memory that
 * elf_begin has zeroed; so doing nothing is right. Weak, so that a whole
 * libelf's own come first. Remove when Debian 13 is no longer built on.
 */
void eu_search_tree_init(void *tree);
void eu_search_tree_fini(void *tree, void (*free_node)(void *));

__attribute__((weak)) void eu_search_tree_init(void *tree)
{
	(void)tree;
}

__attribute__((weak)) void eu_search_tree_fini(void *tree, void (*free_node)(void *))
{
	(void)tree;
	(void)free_node;
}
