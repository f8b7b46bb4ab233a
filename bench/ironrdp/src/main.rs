//! Decodes encoded frames (`.rdpb`) with IronRDP as `build/bench/streams` does with Mullion and
//! libfreerdp2: one pinned thread, an untimed round for the hash, then the minimum CPU milliseconds
//! of the timed ones. The hash is FNV-1a-64 over B,G,R of the last frame, or over bulk data.
//!
//! Exit: 0; 1 wrong usage; 2 a file cannot be read; 3 a decoder failed.
mod avc;
mod bitmap;
mod bulk;
mod decoder;
mod output;
mod progressive;
mod remotefx;
mod stream_file;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rustix::thread::{CpuSet, sched_getcpu, sched_setaffinity};
use rustix::time::{ClockId, clock_gettime};

use crate::decoder::StreamDecoder;
use crate::output::Fnv;
use crate::stream_file::Stream;

const USAGE: &str = "usage: ironrdp_streams FILE.rdpb... [--json] [--rounds N] [--frames DIR]
--frames: also the largest difference to the frames that `streams --frames DIR` wrote";

struct Options {
    files: Vec<PathBuf>,
    json: bool,
    rounds: u32,
    frames: Option<PathBuf>,
}

/// What is known of a stream that was decoded.
struct Decoded {
    best_ms: f64,
    hash: u64,
    /// Per channel, to Mullion's frame, where there is one.
    largest_difference: Option<u8>,
}

enum Outcome {
    Unsupported,
    Failed(String),
    Decoded(Decoded),
}

fn parse_options() -> Option<Options> {
    let mut options = Options {
        files: Vec::new(),
        json: false,
        rounds: 15,
        frames: None,
    };
    let mut arguments = env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--json") => options.json = true,
            Some("--rounds") => options.rounds = arguments.next()?.to_str()?.parse().ok()?,
            Some("--frames") => options.frames = Some(arguments.next()?.into()),
            Some(text) if text.starts_with('-') => return None,
            _ => options.files.push(argument.into()),
        }
    }
    (!options.files.is_empty() && options.rounds > 0).then_some(options)
}

/// The CPU that the program runs on now; moving between CPUs would cost it its caches.
fn pin_to_one_cpu() {
    let mut set = CpuSet::new();
    set.set(sched_getcpu());
    // Where that is not allowed the times are noisier, and that is all.
    let _ = sched_setaffinity(None, &set);
}

fn cpu_milliseconds() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e3 + now.tv_nsec as f64 * 1e-6
}

fn measure(stream: &Stream, options: &Options) -> Outcome {
    let Some(mut decoder) = decoder::make(stream) else {
        return Outcome::Unsupported;
    };
    decode_and_time(decoder.as_mut(), stream, options)
        .map_or_else(|error| Outcome::Failed(error.to_string()), Outcome::Decoded)
}

fn decode_and_time(
    decoder: &mut dyn StreamDecoder,
    stream: &Stream,
    options: &Options,
) -> Result<Decoded, Box<dyn std::error::Error>> {
    let mut hash = Fnv::new();
    decoder.reset();
    decoder.decode(Some(&mut hash))?;
    let mut largest_difference = None;
    if !stream.is_bulk() {
        let frame = output::to_bgr(&decoder.picture());
        hash.add(&frame);
        let other = options.frames.as_ref().map(|dir| dir.join(&stream.name));
        if let Some(other) = other.and_then(|path| fs::read(path.with_extension("bgr")).ok()) {
            largest_difference = output::largest_difference(&frame, &other);
        }
    }
    let mut best_ms = f64::INFINITY;
    for _ in 0..options.rounds {
        decoder.reset();
        let start = cpu_milliseconds();
        decoder.decode(None)?;
        best_ms = best_ms.min(cpu_milliseconds() - start);
    }
    Ok(Decoded {
        best_ms,
        hash: hash.value(),
        largest_difference,
    })
}

/// The hash of the stream's output in the hashes.tsv beside it, if there is one.
fn known_hash(path: &Path, name: &str) -> Option<u64> {
    let table = fs::read_to_string(path.with_file_name("hashes.tsv")).ok()?;
    let line = table
        .lines()
        .find(|line| line.split('\t').next() == Some(name))?;
    u64::from_str_radix(line.rsplit('\t').next()?, 16).ok()
}

fn row(name: &str, outcome: &Outcome, known: Option<u64>) -> String {
    let (time, output) = match outcome {
        Outcome::Unsupported => ("none".to_owned(), String::new()),
        Outcome::Failed(why) => ("failed".to_owned(), why.clone()),
        Outcome::Decoded(decoded) => {
            let verdict = match known {
                Some(hash) if hash == decoded.hash => " equal",
                Some(_) => " differs",
                None => "",
            };
            let difference = match decoded.largest_difference {
                Some(difference) => format!(", max_abs {difference} to mullion"),
                None => String::new(),
            };
            let output = format!("{:016x}{verdict}{difference}", decoded.hash);
            (format!("{:.3}", decoded.best_ms), output)
        }
    };
    format!("{name:32} {time:>12}  {output}")
}

fn json_row(name: &str, outcome: &Outcome, known: Option<u64>) -> String {
    let rest = match outcome {
        Outcome::Unsupported => r#""ironrdp_ms": null, "supported": false"#.to_owned(),
        Outcome::Failed(why) => {
            let why = json_string(why);
            format!(r#""ironrdp_ms": null, "supported": true, "failed": {why}"#)
        }
        Outcome::Decoded(decoded) => {
            let equal = known.map_or(String::new(), |hash| {
                format!(r#", "hash_equal": {}"#, hash == decoded.hash)
            });
            let difference = decoded.largest_difference.map_or(String::new(), |value| {
                format!(r#", "max_abs_to_mullion": {value}"#)
            });
            format!(
                r#""ironrdp_ms": {:.4}, "supported": true, "hash": "{:016x}"{equal}{difference}"#,
                decoded.best_ms, decoded.hash
            )
        }
    };
    format!(r#"    {{"stream": {}, {rest}}}"#, json_string(name))
}

fn json_string(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"{}\"", escaped.replace(char::is_control, " "))
}

fn main() -> ExitCode {
    if env::args().skip(1).eq(["--help"]) {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let Some(options) = parse_options() else {
        eprintln!("{USAGE}");
        return ExitCode::from(1);
    };
    pin_to_one_cpu();
    let mut json_rows = Vec::new();
    let mut failed = false;
    for path in &options.files {
        let stream = match Stream::read(path) {
            Ok(stream) => stream,
            Err(why) => {
                eprintln!("ironrdp_streams: {}: {why}", path.display());
                return ExitCode::from(2);
            }
        };
        let outcome = measure(&stream, &options);
        failed |= matches!(outcome, Outcome::Failed(_));
        let known = known_hash(path, &stream.name);
        if options.json {
            json_rows.push(json_row(&stream.name, &outcome, known));
        } else {
            println!("{}", row(&stream.name, &outcome, known));
        }
    }
    if options.json {
        println!(
            "{{\n  \"rounds\": {},\n  \"streams\": [\n{}\n  ]\n}}",
            options.rounds,
            json_rows.join(",\n")
        );
    }
    ExitCode::from(if failed { 3 } else { 0 })
}
