mod data;
mod published;
