//! The file as text: decompressed and converted to UTF-8.

use std::{
    fs::File,
    io::{self, Cursor, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use anyhow::{Context, bail, ensure};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;

/// Size of the sample from which the kind of a file is guessed, in bytes.
const SAMPLE: u64 = 256 << 10;

/// Size of the pieces in which a whole file is examined, in bytes.
const CHUNK: u64 = 64 << 10;

const GZIP: &[u8] = &[0x1f, 0x8b];
/// The signatures of Excel workbooks: a ZIP archive, or the older binary format.
const ZIP: &[u8] = b"PK\x03\x04";
const OLD_EXCEL: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
const SPREADSHEETS: [&str; 5] = ["xlsx", "xlsm", "xlsb", "xls", "ods"];

/// A file to import, as text.
pub struct Input {
    pub text: Box<dyn Read + Send>,
    /// Its encoding.
    pub encoding: &'static Encoding,
    /// Whether the encoding is a guess.
    pub is_guess: bool,
    pub progress: Progress,
}

/// The progress of reading a file. Cheap to clone.
#[derive(Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// Number of bytes of the file, before decompression.
    pub fn bytes(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

struct Counted<R> {
    input: R,
    progress: Progress,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.progress.0.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Relaxed);
        Ok(count)
    }
}

/// Opens a file (`-` for standard input). Also returns its size, if known.
pub fn open(path: &Path) -> io::Result<(Box<dyn Read + Send>, Option<u64>)> {
    if is_standard_input(path) {
        return Ok((Box::new(io::stdin()), None));
    }
    let file = File::open(path)?;
    let size = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|it| it.len());
    Ok((Box::new(file), size))
}

fn is_standard_input(path: &Path) -> bool {
    path == Path::new("-")
}

impl Input {
    /// Decompresses and decodes the file. The encoding is that of the byte order mark, else the
    /// given one, else a guess.
    pub fn new(
        file: impl Read + Send + 'static,
        path: &Path,
        given: Option<&'static Encoding>,
    ) -> anyhow::Result<Self> {
        let progress = Progress::default();
        let mut file = Counted { input: file, progress: progress.clone() };
        let sample = sample(&mut file)?;
        let is_named = |extensions: &[&str]| {
            let extension = path.extension().unwrap_or_default();
            extensions.iter().any(|it| extension.eq_ignore_ascii_case(it))
        };
        if is_named(&SPREADSHEETS) || sample.starts_with(ZIP) || sample.starts_with(OLD_EXCEL) {
            bail!(
                "is a spreadsheet or an archive: save it as CSV (\"CSV UTF-8\"), and import that"
            );
        }
        let is_gzip = sample.starts_with(GZIP);
        ensure!(is_gzip || !is_named(&["gz"]), "is named .gz, but is not compressed with gzip");
        let file = Cursor::new(sample).chain(file);
        let mut unpacked: Box<dyn Read + Send> =
            if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
        let mut sample = self::sample(&mut unpacked)?;
        let (encoding, is_guess) = match Encoding::for_bom(&sample) {
            Some((encoding, mark)) => {
                sample.drain(..mark);
                (encoding, false)
            }
            None => match given {
                Some(given) => (given, false),
                None => guess(&sample, whole(path, is_gzip, &sample)?)?,
            },
        };
        let bytes = Cursor::new(sample).chain(unpacked);
        let text: Box<dyn Read + Send> = if encoding == UTF_8 {
            // Passed through unchanged: invalid UTF-8 is reported with the row that contains it.
            Box::new(bytes)
        } else {
            let mut decoder = DecodeReaderBytesBuilder::new();
            Box::new(decoder.encoding(Some(encoding)).bom_sniffing(false).build(bytes))
        };
        Ok(Self { text, encoding, is_guess, progress })
    }

    /// Returns the beginning of the text without consuming it.
    pub fn peek(&mut self) -> anyhow::Result<Vec<u8>> {
        let start = sample(&mut self.text)?;
        let rest = std::mem::replace(&mut self.text, Box::new(io::empty()));
        self.text = Box::new(Cursor::new(start.clone()).chain(rest));
        Ok(start)
    }
}

fn sample(input: &mut impl Read) -> anyhow::Result<Vec<u8>> {
    let mut start = Vec::new();
    input.take(SAMPLE).read_to_end(&mut start).context("cannot read")?;
    Ok(start)
}

/// The whole file, decompressed; of standard input, only the sample.
fn whole<'s>(path: &Path, is_gzip: bool, sample: &'s [u8]) -> anyhow::Result<Box<dyn Read + 's>> {
    if is_standard_input(path) || !path.is_file() {
        return Ok(Box::new(sample));
    }
    let file = File::open(path).context("cannot read")?;
    Ok(if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// Guesses the encoding of a file without a byte order mark. Returns whether the result is
/// uncertain.
///
/// The result is Windows-1252 only if the file contains no valid non-ASCII UTF-8 character.
/// Otherwise one broken line in a UTF-8 file would corrupt all other lines.
fn guess(sample: &[u8], whole: impl Read) -> anyhow::Result<(&'static Encoding, bool)> {
    let zeros_at = |remainder: usize| {
        let bytes = sample.iter().enumerate().take(1 << 10);
        bytes.filter(|(position, byte)| position % 2 == remainder && **byte == 0).count()
    };
    let pairs = sample.len().min(1 << 10) / 2;
    match (zeros_at(0), zeros_at(1)) {
        (0, low) if low > pairs / 2 => return Ok((UTF_16LE, true)),
        (high, 0) if high > pairs / 2 => return Ok((UTF_16BE, true)),
        _ => {}
    }
    // JSON is UTF-8.
    let is_json = sample.trim_ascii_start().starts_with(b"{");
    let is_utf_8 = is_json || may_be_utf_8(whole).context("cannot read")?;
    Ok(if is_utf_8 { (UTF_8, false) } else { (WINDOWS_1252, true) })
}

/// Whether all bytes are ASCII, or some of them are another character in UTF-8.
fn may_be_utf_8(mut input: impl Read) -> io::Result<bool> {
    let (mut is_ascii, mut bytes) = (true, Vec::new());
    loop {
        let read = input.by_ref().take(CHUNK).read_to_end(&mut bytes)?;
        let mut incomplete = 0;
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            if !chunk.valid().is_ascii() {
                return Ok(true);
            }
            if read > 0 && chunks.peek().is_none() {
                // A character may continue in the next bytes.
                incomplete = chunk.invalid().len();
            } else {
                is_ascii &= chunk.invalid().is_empty();
            }
        }
        if read == 0 {
            return Ok(is_ascii);
        }
        bytes.drain(..bytes.len() - incomplete);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_what_a_file_is_written_in() {
        let utf_16: Vec<u8> = "externalId;n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (sample, encoding) in [
            (&b""[..], UTF_8),
            (b"Ada", UTF_8),
            ("Åse".as_bytes(), UTF_8),
            (b"\xc5se", WINDOWS_1252),
            (b" {\"customerName\":\"\xc5se\"}", UTF_8),
            // One line is broken; the others are UTF-8.
            (b"\xc3\x85se\n\xc5se", UTF_8),
            // These characters are beyond, or at the end of, the first bytes.
            (&["a".repeat(100_000).as_bytes(), b"\xc5se"].concat(), WINDOWS_1252),
            (&[b"\xc5se", "a".repeat(100_000).as_bytes(), "Åse".as_bytes()].concat(), UTF_8),
            (&["a".repeat(65_535).as_bytes(), "Åse".as_bytes()].concat(), UTF_8),
            (&["a".repeat(65_535).as_bytes(), b"\xc5"].concat(), WINDOWS_1252),
            (&utf_16, UTF_16LE),
        ] {
            assert_eq!(guess(sample, sample).unwrap().0, encoding, "{sample:?}");
        }
    }
}
