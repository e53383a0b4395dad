"""From what a person named to cases that can be compared: grouped into contenders, named, aligned, or refused."""
