//! Lines and columns of positions in a text.

use async_graphql::Pos;

/// Finds lines and columns, both counted from 1. A column counts characters.
///
/// apollo-compiler's own mapping recognizes more line terminators than GraphQL defines, and copies
/// the text.
pub struct Lines<'a> {
    text: &'a str,
    /// The offset at which each line begins.
    starts: Vec<usize>,
    /// The number of characters before each block of the text; empty for ASCII texts.
    blocks: Vec<usize>,
}

const BLOCK: usize = 256;

impl<'a> Lines<'a> {
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        let mut starts = vec![0];
        for (at, byte) in bytes.iter().enumerate() {
            // `\r\n` is one line terminator.
            if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
                starts.push(at + 1);
            }
        }
        let mut blocks = Vec::new();
        if !text.is_ascii() {
            let mut chars = 0;
            for block in bytes.chunks(BLOCK) {
                blocks.push(chars);
                chars += count_chars(block);
            }
        }
        Self { text, starts, blocks }
    }

    pub fn pos(&self, offset: usize) -> Pos {
        let offset = offset.min(self.text.len());
        let line = self.starts.partition_point(|it| *it <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Pos { line, column: self.chars_before(offset) - self.chars_before(start) + 1 }
    }

    fn chars_before(&self, offset: usize) -> usize {
        if self.blocks.is_empty() {
            return offset;
        }
        let block = (offset / BLOCK).min(self.blocks.len() - 1);
        let before = self.blocks.get(block).copied().unwrap_or_default();
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        before + count_chars(rest)
    }
}

/// The number of characters that begin within these bytes.
fn count_chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}
