//! On which line of a file a record begins.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io::{self, Read},
    rc::Rc,
};

/// A reader that notes where lines begin, as its bytes pass.
///
/// The parser of CSV counts lines, too, but tells where it stood before it passed over empty lines,
/// and takes the `\n` of a `\r\n` for the beginning of the next record.
pub struct LineReader<R> {
    input: R,
    starts: LineStarts,
    offset: u64,
    line: u64,
    is_line_empty: bool,
}

/// Where lines that are not empty begin: their offset, in bytes, and their number, from 1.
#[derive(Clone, Default)]
pub struct LineStarts(Rc<RefCell<VecDeque<(u64, u64)>>>);

impl<R: Read> LineReader<R> {
    pub fn new(input: R) -> (Self, LineStarts) {
        let starts = LineStarts::default();
        let reader =
            Self { input, starts: starts.clone(), offset: 0, line: 1, is_line_empty: true };
        (reader, starts)
    }
}

impl<R: Read> Read for LineReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        for byte in buffer.iter().take(count) {
            match byte {
                b'\n' => {
                    self.line += 1;
                    self.is_line_empty = true;
                }
                b'\r' => {}
                _ if self.is_line_empty => {
                    self.starts.0.borrow_mut().push_back((self.offset, self.line));
                    self.is_line_empty = false;
                }
                _ => {}
            }
            self.offset += 1;
        }
        Ok(count)
    }
}

impl LineStarts {
    /// The first line that is not empty from that offset on; what comes before it is forgotten.
    pub fn line_from(&self, offset: u64) -> u64 {
        let mut starts = self.0.borrow_mut();
        while starts.front().is_some_and(|(start, _)| *start < offset) {
            starts.pop_front();
        }
        starts.front().map_or(0, |(_, line)| *line)
    }
}
