/**
 * Files that a crash at any moment leaves old or new, never mixed: written aside, synced, renamed, and the folder
 * synced. The caller renames, so that it can keep the old one first.
 */
import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";

/** A new file, for its owner alone, whose content is on the disk when this returns. Throws what the system says. */
export function writeDurably(file: string, text: string): void {
  rmSync(file, { force: true });
  const fd = openSync(file, "wx", 0o600);
  try {
    const octets = Buffer.from(text);
    for (let at = 0; at < octets.length; ) at += writeSync(fd, octets, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Renames in this folder are on the disk when this returns. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
